//! The changes in the life of a finding.

use domain::acceptance::AcceptanceTerms;
use domain::finding as of;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::acceptance::AcceptanceReason;
use super::finding::Evidence;
use super::wire_enum;

wire_enum! {
    /// What happened to a finding.
    TransitionKind of of::TransitionKind {
        Opened, Resolved, ResourceGone, Reopened, Changed, Accepted, Unaccepted, AcceptanceExpired,
    }
}

wire_enum! {
    /// Why a sync changed it, where the tenant is not the reason. `policy_changed`: by the policy of the
    /// sync before, the same tenant would have left the finding as it was.
    TransitionCause of of::TransitionCause { PolicyChanged }
}

/// One change in the life of a finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transition {
    /// Its id.
    pub id: Uuid,
    /// What happened.
    pub kind: TransitionKind,
    /// When.
    pub at: Timestamp,
    /// Who did it: an e-mail, or `system` for what expired; null for what a sync saw.
    pub by: Option<String>,
    /// The sync that saw it.
    pub sync_id: Option<Uuid>,
    /// Evidence before; empty when it opened, and when it is about an acceptance.
    pub before: Vec<Evidence>,
    /// Evidence after; empty when it is about an acceptance. Of a resolved one the values found now and what
    /// the policy in force expects of them (null: nothing); empty where they stand at no fixed place.
    pub after: Vec<Evidence>,
    /// Why, where a sync saw it and the tenant is not the reason; else null.
    pub cause: Option<TransitionCause>,
    /// Of the acceptance that was made, taken back or expired; else null.
    pub reason: Option<AcceptanceReason>,
    /// Of the acceptance that was made, taken back or expired; else null.
    pub rationale: Option<String>,
    /// Of the acceptance that was made, taken back or expired; else null.
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
