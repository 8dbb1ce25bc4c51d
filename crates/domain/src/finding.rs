//! A finding: one check failing on one resource of one integration, and its life.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::acceptance::AcceptanceTerms;
use crate::checks::{Change, Confidence, Evidence, Severity, Violation};
use crate::ids::{AssetId, FindingId, IntegrationId, OrganisationId, SyncId, TransitionId};
use crate::tenant::{NotApplicableReason, UnknownReason};

/// Set by the machine. Acceptance overlays it: [`crate::acceptance::FindingStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FindingState {
    Open,
    Resolved,
}

impl FindingState {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Resolved].into_iter().find(|state| state.name() == name)
    }
}

/// What the last evaluation said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result", content = "reason")]
pub enum LastResult {
    /// As it should be.
    Pass,
    /// Wrong.
    Fail,
    /// Could not be judged.
    Unknown(UnknownReason),
    /// Nothing to judge.
    NotApplicable(NotApplicableReason),
}

impl LastResult {
    /// The stable name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown(_) => "unknown",
            Self::NotApplicable(_) => "not_applicable",
        }
    }
}

/// What makes a finding the same finding: with the integration, nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    /// The check's id.
    pub check_id: String,
    /// The resource key.
    pub resource: String,
}

/// A finding as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its id.
    pub id: FindingId,
    /// Of which integration.
    pub integration_id: IntegrationId,
    /// Of which asset.
    pub asset_id: AssetId,
    /// Check and resource.
    pub key: FindingKey,
    /// The check's version that last failed it.
    pub check_version: u16,
    /// The check's title at that time: what `q` searches.
    pub title: String,
    /// With the tenant's values.
    pub severity: Severity,
    /// Where the tenant's values at the last failing evaluation make it another than the check's.
    pub confidence: Option<Confidence>,
    /// Open or resolved.
    pub state: FindingState,
    /// What the last evaluation said.
    pub result: LastResult,
    /// Of the last failing evaluation.
    pub evidence: Vec<Evidence>,
    /// The computed mend of the last failing evaluation.
    pub change: Option<Change>,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen failing.
    pub last_seen_at: Timestamp,
    /// When it was last judged conclusively.
    pub last_evaluated_at: Timestamp,
    /// Since when it is open; the last opening when it is resolved.
    pub open_since: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// How often it came back.
    pub reopen_count: u32,
}

impl Finding {
    /// The severity of this finding once `violation` is known. Where a reading that bears on it could not be read,
    /// an open finding keeps what it was known to be: nothing is milder because it could not be seen.
    pub fn severity_after(&self, violation: &Violation) -> Severity {
        match self.state {
            FindingState::Open => violation.severity.max(self.severity.min(violation.at_worst)),
            FindingState::Resolved => violation.severity,
        }
    }
}

/// What happened to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// Seen for the first time.
    Opened,
    /// Conclusively passed.
    Resolved,
    /// Its resource is gone, and everything was read.
    ResourceGone,
    /// Failing again.
    Reopened,
    /// Still failing, with other evidence or another severity.
    Changed,
    /// Somebody accepted it, perhaps on other terms than before.
    Accepted,
    /// Somebody took the acceptance back.
    Unaccepted,
    /// The acceptance expired.
    AcceptanceExpired,
}

impl TransitionKind {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Resolved => "resolved",
            Self::ResourceGone => "resource_gone",
            Self::Reopened => "reopened",
            Self::Changed => "changed",
            Self::Accepted => "accepted",
            Self::Unaccepted => "unaccepted",
            Self::AcceptanceExpired => "acceptance_expired",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Opened,
            Self::Resolved,
            Self::ResourceGone,
            Self::Reopened,
            Self::Changed,
            Self::Accepted,
            Self::Unaccepted,
            Self::AcceptanceExpired,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// Why a sync changed it, where that is not the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionCause {
    /// The policy alone: by that of the sync before, the same tenant would have left it as it was.
    PolicyChanged,
}

impl TransitionCause {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PolicyChanged => "policy_changed",
        }
    }

    /// The cause of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::PolicyChanged].into_iter().find(|cause| cause.name() == name)
    }
}

/// One change in the life of a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Its id.
    pub id: TransitionId,
    /// Of which finding.
    pub finding_id: FindingId,
    /// What happened.
    pub kind: TransitionKind,
    /// When.
    pub at: Timestamp,
    /// The sync that saw it.
    pub sync_id: Option<SyncId>,
    /// Evidence before; empty when it opened.
    pub before: Vec<Evidence>,
    /// Evidence after; of a resolved one the values that pass, where the evidence pointed.
    pub after: Vec<Evidence>,
    /// Why, where a sync saw it and the tenant is not the reason.
    pub cause: Option<TransitionCause>,
    /// Who did it: an e-mail or `system`; none for what a sync saw.
    pub by: Option<String>,
    /// Of the acceptance that was made, taken back or expired.
    pub terms: Option<AcceptanceTerms>,
}
