//! Transitions of a finding.

use domain::acceptance::AcceptanceTerms;
use domain::finding as of;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::acceptance::AcceptanceReason;
use super::evidence::Evidence;
use super::wire_enum;

wire_enum! {
    /// Kind of transition.
    TransitionKind of of::TransitionKind
}

wire_enum! {
    /// Cause of a transition other than a change of the tenant. `policy_changed`: with the policy of the
    /// previous sync, the finding would not have changed.
    TransitionCause of of::TransitionCause
}

/// A change of a finding's state or content.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transition {
    pub id: Uuid,
    pub kind: TransitionKind,
    pub at: Timestamp,
    /// E-mail address of the user, or `system` for an expired acceptance. Null: a sync caused the
    /// transition.
    pub by: Option<String>,
    /// The sync that caused the transition; retention may have deleted it. Null: none did.
    pub sync_id: Option<Uuid>,
    /// Evidence before. Empty when the finding opened and for acceptances.
    pub before: Vec<Evidence>,
    /// Evidence after. Empty for acceptances. For a resolved finding: the values found now and what the
    /// policy in force expects of them (null: nothing); empty if the values have no fixed location.
    pub after: Vec<Evidence>,
    /// Set if a sync caused the transition and the tenant did not change; otherwise null.
    pub cause: Option<TransitionCause>,
    /// Set for transitions of an acceptance; otherwise null.
    pub reason: Option<AcceptanceReason>,
    /// Set for transitions of an acceptance; otherwise null.
    pub rationale: Option<String>,
    /// Set for transitions of an acceptance; otherwise null.
    pub expires_at: Option<Timestamp>,
}

impl From<of::Transition> for Transition {
    fn from(transition: of::Transition) -> Self {
        let (reason, rationale, expires_at) = match transition.terms {
            Some(AcceptanceTerms { reason, rationale, expires_at }) => {
                (Some(reason.into()), Some(rationale), expires_at)
            }
            None => (None, None, None),
        };
        Self {
            id: transition.id.0,
            kind: transition.kind.into(),
            at: transition.at.into(),
            by: transition.by,
            sync_id: transition.sync_id.map(|id| id.0),
            before: transition.before.into_iter().map(Evidence::from).collect(),
            after: transition.after.into_iter().map(Evidence::from).collect(),
            cause: transition.cause.map(TransitionCause::from),
            reason,
            rationale,
            expires_at: expires_at.map(Timestamp),
        }
    }
}
