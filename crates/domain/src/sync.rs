//! One reading of a tenant, from request to end, and what it leaves behind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{IntegrationId, OrganisationId, SyncId};
use crate::readings::ReadingKind;
use crate::tenant::UnknownReason;

/// Where a sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SyncState {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl SyncState {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.name() == name)
    }

    /// Whether it has ended.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// The stage as SAFE names it.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Queued => Stage::Started,
            Self::Running => Stage::InProgress,
            Self::Succeeded => Stage::Completed,
            Self::Failed | Self::Cancelled => Stage::Failed,
        }
    }
}

/// SAFE's word for where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stage {
    Started,
    InProgress,
    Completed,
    Failed,
}

impl Stage {
    /// The stable name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A person.
    OnDemand,
    /// The schedule.
    Scheduled,
}

impl Trigger {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on_demand",
            Self::Scheduled => "scheduled",
        }
    }

    /// The trigger of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::OnDemand, Self::Scheduled].into_iter().find(|trigger| trigger.name() == name)
    }
}

/// Who is shown in Started By when nobody asked.
pub const SYSTEM: &str = "system";

/// A sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Sync {
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its id.
    pub id: SyncId,
    /// Of which integration.
    pub integration_id: IntegrationId,
    /// Where it stands.
    pub state: SyncState,
    /// What asked for it.
    pub trigger: Trigger,
    /// The user's e-mail, or `system`.
    pub started_by: String,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When a worker took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many workers took it.
    pub attempts: u32,
    /// What it did; default until it ends.
    pub result: SyncResult,
}

/// What a sync did and found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncResult {
    /// Requests sent to the tenant, the token's included.
    pub calls: u32,
    /// Answers that limited our rate.
    pub rate_limited: u32,
    /// What became of each reading.
    pub readings: Vec<ReadingReport>,
    /// Checks by result.
    pub checks: CheckCounts,
    /// Findings by what happened to them.
    pub findings: FindingCounts,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down; none when nothing was evaluated.
    pub coverage_percent: Option<u8>,
    /// By which version of the organisation's policy it judged; 0 when that was never set, none when
    /// nothing was judged.
    pub policy_version: Option<i64>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl SyncResult {
    /// The state that the sync ends in.
    pub fn state(&self) -> SyncState {
        if self.failure.is_some() { SyncState::Failed } else { SyncState::Succeeded }
    }
}

/// What became of one reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingReport {
    /// Which.
    pub reading: ReadingKind,
    /// How it ended.
    pub outcome: ReadingOutcome,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<UnknownReason>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// Milliseconds, waiting for our turn not counted; none when it was not called.
    pub duration_ms: Option<u64>,
    /// Requests sent for it.
    pub attempts: u32,
    /// What advice needs beyond the reason; not kept.
    #[serde(skip)]
    pub cause: Option<Cause>,
}

/// What the reason of an unread reading leaves open, where the advice differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The tenant refuses our access tokens, the newest too, though it gives them.
    TokenRefused,
    /// The same, because the token is none for the Management API.
    NoManagementToken,
    /// The tenant refused our access token and gave no other.
    NoOtherToken {
        /// What to do about that.
        hint: String,
    },
    /// The tenant refused the request itself, so the same again ends the same.
    RequestRefused,
    /// The tenant asked not to be called before.
    LimitedUntil(Timestamp),
    /// Auth0 names other scopes than the usual one; any of these will do.
    OtherScopes(Vec<String>),
    /// The tenant's account may not use the feature, whatever its plan.
    AccountNotAllowed,
    /// Auth0 has retired the feature on this tenant.
    FeatureRetired,
}

/// How a reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingOutcome {
    /// Read.
    Read,
    /// Not read: its checks are unknown.
    Unreadable,
    /// Auth0 does not offer it to this tenant: its checks do not apply.
    NotOffered,
}

/// Checks by result; every check of the catalogue is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CheckCounts {
    pub passed: u32,
    pub failed: u32,
    pub unknown: u32,
    pub not_applicable: u32,
    pub not_enabled: u32,
}

/// Findings by what one sync did to them. `unchanged`: failing before and still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct FindingCounts {
    pub opened: u32,
    pub resolved: u32,
    pub reopened: u32,
    pub unchanged: u32,
}

/// Who can mend a failed sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoMustAct {
    /// The tenant's administrator.
    Customer,
    /// Whoever runs this service.
    Safe,
    /// Auth0.
    Auth0,
}

/// Why a sync failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A step code, or `forbidden`, `deadline_exceeded`, `cancelled`, `credentials_unreadable`,
    /// `internal`.
    pub code: String,
    /// Who can mend it.
    pub who_must_act: WhoMustAct,
    /// In words, free of secrets.
    pub message: String,
    /// Whether trying again later can help by itself.
    pub retryable: bool,
}
