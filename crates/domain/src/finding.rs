//! Findings: a check that fails for a resource of an integration, and its transitions.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::acceptance::{Acceptance, AcceptanceTerms};
use crate::checks::{Change, Confidence, Evidence, Severity, Violation};
use crate::ids::{AssetId, FindingId, IntegrationId, OrganisationId, SyncId, TransitionId};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::named_enum::named_enum;

named_enum! {
    /// State set by syncs. [`FindingStatus`] combines it with the acceptance.
    pub enum FindingState {
        Open = "open",
        Resolved = "resolved",
        /// Open, but the policy disables its check: in no count and no list of open findings.
        Disabled = "disabled",
    }
}

named_enum! {
    /// Status of a finding as the API shows it. `Resolved` takes precedence over `Accepted`, and `Accepted`
    /// over `Open`.
    pub enum FindingStatus {
        Open = "open",
        Accepted = "accepted",
        Resolved = "resolved",
    }
}

impl FindingStatus {
    /// The status of a finding with this state and acceptance at `now`.
    pub fn derive(state: FindingState, acceptance: Option<&Acceptance>, now: Timestamp) -> Self {
        match state {
            FindingState::Resolved => Self::Resolved,
            FindingState::Open | FindingState::Disabled
                if acceptance.is_some_and(|a| a.is_in_force(now)) =>
            {
                Self::Accepted
            }
            FindingState::Open | FindingState::Disabled => Self::Open,
        }
    }
}

/// Result of the latest evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "result", content = "reason")]
pub enum LastResult {
    Pass,
    Fail,
    Unknown(UnknownReason),
    NotApplicable(NotApplicableReason),
}

impl LastResult {
    /// Name in the API; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown(_) => "unknown",
            Self::NotApplicable(_) => "not_applicable",
        }
    }

    /// Name of the reason of an unknown or inapplicable result; never changes.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Pass | Self::Fail => None,
            Self::Unknown(reason) => Some(reason.name()),
            Self::NotApplicable(reason) => Some(reason.name()),
        }
    }

    /// The result of these names.
    pub fn from_names(name: &str, reason: Option<&str>) -> Option<Self> {
        match (name, reason) {
            ("pass", None) => Some(Self::Pass),
            ("fail", None) => Some(Self::Fail),
            ("unknown", Some(reason)) => UnknownReason::from_name(reason).map(Self::Unknown),
            ("not_applicable", Some(reason)) => {
                NotApplicableReason::from_name(reason).map(Self::NotApplicable)
            }
            _ => None,
        }
    }
}

/// Identity of a finding within an integration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    pub check_id: String,
    pub resource: String,
}

/// The place of an open finding among those of its tenant ([`crate::priority`]). A resolved finding has the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking<Id> {
    /// From 1 to 1000; 0 if not ranked.
    pub priority: u16,
    /// What it follows from, the most important first.
    pub reasons: Vec<String>,
    /// The finding that tells the cause, if another one does.
    pub part_of: Option<Id>,
}

impl<Id> Ranking<Id> {
    /// The same with other ids.
    pub fn with_ids<Other>(self, id: impl FnOnce(Id) -> Other) -> Ranking<Other> {
        let Self { priority, reasons, part_of } = self;
        Ranking { priority, reasons, part_of: part_of.map(id) }
    }
}

impl<Id> Default for Ranking<Id> {
    fn default() -> Self {
        Self { priority: 0, reasons: Vec::new(), part_of: None }
    }
}

/// A stored finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub organisation_id: OrganisationId,
    pub id: FindingId,
    pub integration_id: IntegrationId,
    pub asset_id: AssetId,
    pub key: FindingKey,
    /// Version of the check at the latest failure.
    pub check_version: u16,
    /// Title of the check at that time; `q` searches it.
    pub title: String,
    /// Name of the object that `resource` names, at that time.
    pub object_name: Option<String>,
    /// Severity, given the tenant's values.
    pub severity: Severity,
    /// Place among the open findings of the tenant at the latest sync.
    pub ranking: Ranking<FindingId>,
    /// Set if the tenant's values at the latest failure change it.
    pub confidence: Option<Confidence>,
    pub state: FindingState,
    /// Result of the latest evaluation.
    pub result: LastResult,
    /// From the latest failing evaluation.
    pub evidence: Vec<Evidence>,
    /// The fix computed by the latest failing evaluation.
    pub change: Option<Change>,
    pub first_seen_at: Timestamp,
    /// When the check last failed.
    pub last_seen_at: Timestamp,
    /// When the check was last conclusive.
    pub last_evaluated_at: Timestamp,
    /// Start of the current open period; for a resolved finding, of the latest one.
    pub open_since: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// Number of times the finding reopened.
    pub reopen_count: u32,
}

impl Finding {
    /// The order of a tenant's findings: by descending priority.
    pub fn urgency(&self) -> (Reverse<u16>, Reverse<Severity>, &FindingKey) {
        (Reverse(self.ranking.priority), Reverse(self.severity), &self.key)
    }

    /// The severity of this finding for `violation`. If a reading that affects it failed, an open finding
    /// keeps a higher severity: a failed reading never lowers it.
    pub fn severity_after(&self, violation: &Violation) -> Severity {
        match self.state {
            FindingState::Open | FindingState::Disabled => {
                violation.severity.max(self.severity.min(violation.at_worst))
            }
            FindingState::Resolved => violation.severity,
        }
    }
}

named_enum! {
    /// Kind of transition.
    pub enum TransitionKind {
        Opened = "opened",
        Resolved = "resolved",
        /// The resource is gone from complete readings.
        ResourceGone = "resource_gone",
        Reopened = "reopened",
        /// Still failing, with different evidence or severity.
        Changed = "changed",
        /// A user accepted it, or changed the terms.
        Accepted = "accepted",
        /// A user revoked the acceptance.
        Unaccepted = "unaccepted",
        AcceptanceExpired = "acceptance_expired",
    }
}

named_enum! {
    /// Cause of a transition other than a change of the tenant.
    pub enum TransitionCause {
        /// With the policy of the previous sync, the finding would not have changed.
        PolicyChanged = "policy_changed",
    }
}

/// A change of a finding's state or content.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub id: TransitionId,
    pub finding_id: FindingId,
    pub kind: TransitionKind,
    pub at: Timestamp,
    /// The sync that caused it; none for acceptances.
    pub sync_id: Option<SyncId>,
    /// Empty when the finding opened.
    pub before: Vec<Evidence>,
    /// For a resolved finding, the values that pass at the locations of the evidence.
    pub after: Vec<Evidence>,
    /// Set if a sync caused it and the tenant did not change.
    pub cause: Option<TransitionCause>,
    /// E-mail address or `system`; none if a sync caused it.
    pub by: Option<String>,
    /// Terms of the acceptance that was set, revoked or expired.
    pub terms: Option<AcceptanceTerms>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_is_read_back_by_the_names_that_json_has() {
        let unknown = UnknownReason::ALL.map(LastResult::Unknown);
        let not_applicable = NotApplicableReason::ALL.map(LastResult::NotApplicable);
        let all = [LastResult::Pass, LastResult::Fail].into_iter().chain(unknown);
        for each in all.chain(not_applicable) {
            assert_eq!(LastResult::from_names(each.name(), each.reason()), Some(each));
            let json = serde_json::to_value(each).unwrap();
            assert_eq!(json["result"], each.name());
            assert_eq!(json["reason"].as_str(), each.reason());
        }
        for (name, reason) in [("unknown", None), ("x", None), ("pass", Some("feature_off"))] {
            assert_eq!(LastResult::from_names(name, reason), None);
        }
    }
}
