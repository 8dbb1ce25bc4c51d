//! Syncs: their states, results and failures.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{IntegrationId, OrganisationId, SyncId};
use crate::inconclusive::UnknownReason;
use crate::named_enum::named_enum;
use crate::readings::ReadingKind;

named_enum! {
    /// State of a sync.
    pub enum SyncState {
        Queued = "queued",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl SyncState {
    /// Whether the sync has ended.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// The state in SAFE's terms.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Queued => Stage::Started,
            Self::Running => Stage::InProgress,
            Self::Succeeded => Stage::Completed,
            Self::Failed | Self::Cancelled => Stage::Failed,
        }
    }
}

named_enum! {
    /// State in SAFE's terms.
    pub enum Stage {
        Started = "started",
        InProgress = "in_progress",
        Completed = "completed",
        Failed = "failed",
    }
}

named_enum! {
    pub enum Trigger {
        /// A user.
        OnDemand = "on_demand",
        Scheduled = "scheduled",
    }
}

/// Value of Started By for scheduled syncs and changes by the service.
pub const SYSTEM: &str = "system";

#[derive(Debug, Clone, PartialEq)]
pub struct Sync {
    pub organisation_id: OrganisationId,
    pub id: SyncId,
    pub integration_id: IntegrationId,
    pub state: SyncState,
    pub trigger: Trigger,
    /// E-mail address of the user, or `system`.
    pub started_by: String,
    pub queued_at: Timestamp,
    /// When a worker first claimed it.
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// Number of workers that claimed it.
    pub attempts: u32,
    /// Default until the sync ends.
    pub result: SyncResult,
}

/// Result of a sync.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncResult {
    /// Requests sent to the tenant, including token requests.
    pub calls: u32,
    /// 429 responses.
    pub rate_limited: u32,
    pub readings: Vec<ReadingReport>,
    /// Number of checks by result.
    pub checks: CheckCounts,
    pub findings: FindingCounts,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. None: no evaluation took place.
    pub coverage_percent: Option<u8>,
    /// Version of the policy used. 0: never set. None: no evaluation took place.
    pub policy_version: Option<i64>,
    pub failure: Option<Failure>,
}

impl SyncResult {
    /// Final state of the sync.
    pub fn state(&self) -> SyncState {
        if self.failure.is_some() { SyncState::Failed } else { SyncState::Succeeded }
    }
}

/// Outcome of one reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingReport {
    pub reading: ReadingKind,
    pub outcome: ReadingOutcome,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<UnknownReason>,
    /// Human-readable message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// Without waiting for the rate limit. None: no request was sent.
    pub duration_ms: Option<u64>,
    /// Number of requests sent.
    pub attempts: u32,
    /// Additional information for hints; not stored.
    #[serde(skip)]
    pub cause: Option<Cause>,
}

/// Details of a failed reading that change the hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The tenant issues access tokens but refuses them, including new ones.
    TokenRefused,
    /// The same, because the token is not for the Management API.
    NoManagementToken,
    /// The tenant refused the access token and issued no other.
    NoOtherToken { hint: String },
    /// The tenant refused the request itself; a retry would fail too.
    RequestRefused,
    /// Earliest time of the next call, as the tenant requested.
    LimitedUntil(Timestamp),
    /// Auth0 names other scopes than the usual one; any of these suffices.
    OtherScopes(Vec<String>),
    /// The tenant's account may not use the feature, whatever its plan.
    AccountNotAllowed,
    /// Auth0 has retired the feature on this tenant.
    FeatureRetired,
}

named_enum! {
    pub enum ReadingOutcome {
        Read = "read",
        /// Its checks are unknown.
        Unreadable = "unreadable",
        /// Auth0 does not offer it to this tenant: its checks are not applicable.
        NotOffered = "not_offered",
    }
}

/// Number of checks by result; every check of the catalogue is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CheckCounts {
    pub passed: u32,
    pub failed: u32,
    pub unknown: u32,
    pub not_applicable: u32,
    pub not_enabled: u32,
}

/// Number of findings by effect of one sync. `unchanged`: failing before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FindingCounts {
    pub opened: u32,
    pub resolved: u32,
    pub reopened: u32,
    pub unchanged: u32,
}

named_enum! {
    /// Who can fix a failed sync.
    pub enum WhoMustAct {
        /// The tenant's administrator.
        Customer = "customer",
        /// The operator of this service.
        Safe = "safe",
        Auth0 = "auth0",
    }
}

/// Why a sync failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A step code, or `forbidden`, `deadline_exceeded`, `cancelled`, `credentials_unreadable`,
    /// `internal`.
    pub code: String,
    pub who_must_act: WhoMustAct,
    /// Human-readable message without secrets.
    pub message: String,
    /// Whether a later sync can succeed without any change.
    pub retryable: bool,
}
