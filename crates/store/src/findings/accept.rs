//! Accepts findings: one transaction and five statements, whatever the number of findings. Syncs never write these
//! columns.

use std::collections::BTreeMap;

use domain::acceptance::Acceptance;
use domain::finding::{FindingState, Transition, TransitionKind};
use domain::{FindingId, IdSource, OrganisationId, TransitionId};
use uuid::Uuid;

use super::acceptance::{LockedFinding, lock};
use super::end_acceptance::expired;
use super::transitions;
use crate::convert::{text, to_sql_time, to_sql_time_opt};
use crate::transaction::Tx;
use crate::{AuditEntry, Error, Store, audit};

#[derive(Clone, Copy)]
pub struct Accept<'a> {
    pub org: &'a OrganisationId,
    /// In any order; may contain duplicates.
    pub finding_ids: &'a [FindingId],
    pub acceptance: &'a Acceptance,
    /// Ids of the transitions.
    pub ids: &'a dyn IdSource,
    /// Written for each accepted finding.
    pub audit: &'a AuditEntry,
}

/// Outcome for one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptOutcome {
    Done,
    Missing,
    /// It is resolved and was not changed.
    NotOpen,
}

impl Store {
    /// Accepts open findings; replaces the terms of accepted ones. Returns the outcome for each.
    pub async fn accept_findings(
        &self,
        accept: Accept<'_>,
    ) -> Result<BTreeMap<FindingId, AcceptOutcome>, Error> {
        let mut tx = self.begin_for(accept.org).await?;
        let now = accept.acceptance.accepted_at;
        let locked = lock(&mut tx, accept.org, accept.finding_ids, now).await?;
        let outcome_of = |id: &FindingId| match locked.get(id) {
            None => AcceptOutcome::Missing,
            Some(LockedFinding {
                state: FindingState::Resolved | FindingState::Disabled, ..
            }) => AcceptOutcome::NotOpen,
            Some(LockedFinding { state: FindingState::Open, .. }) => AcceptOutcome::Done,
        };
        let outcomes: BTreeMap<FindingId, AcceptOutcome> =
            accept.finding_ids.iter().map(|id| (*id, outcome_of(id))).collect();
        let done: Vec<FindingId> = (outcomes.iter())
            .filter(|(_, outcome)| **outcome == AcceptOutcome::Done)
            .map(|(id, _)| *id)
            .collect();
        if !done.is_empty() {
            write(&mut tx, &accept, &done).await?;
            let noted = acceptance_transitions(&accept, &done, &locked);
            transitions::insert(&mut tx, accept.org, &noted).await?;
            let targets: Vec<_> = done.iter().map(|id| Some(id.0)).collect();
            audit::insert_for(&mut tx, accept.audit, &targets).await?;
            tx.commit().await?;
        }
        Ok(outcomes)
    }
}

async fn write(tx: &mut Tx, accept: &Accept<'_>, done: &[FindingId]) -> Result<(), Error> {
    let sql = "/* store.accept_findings */
        update findings set
            acceptance_reason = $3, acceptance_rationale = $4, accepted_by = $5, accepted_at = $6,
            acceptance_expires_at = $7
        where organisation_id = $1 and id = any($2)";
    let Acceptance { terms, accepted_by, accepted_at } = accept.acceptance;
    sqlx::query(sql)
        .bind(accept.org.as_str())
        .bind(done.iter().map(|id| id.0).collect::<Vec<Uuid>>())
        .bind(terms.reason.name())
        .bind(text(&terms.rationale))
        .bind(text(accepted_by))
        .bind(to_sql_time(*accepted_at))
        .bind(to_sql_time_opt(terms.expires_at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// One for each finding, and one more where an acceptance that is replaced had expired and the expiry was not yet
/// recorded.
fn acceptance_transitions(
    accept: &Accept<'_>,
    done: &[FindingId],
    locked: &BTreeMap<FindingId, LockedFinding>,
) -> Vec<Transition> {
    let now = accept.acceptance.accepted_at;
    let mut noted = Vec::with_capacity(done.len());
    for id in done {
        let before = locked.get(id).and_then(|locked| locked.acceptance.as_ref());
        if let Some(before) = before.filter(|before| !before.is_in_force(now)) {
            noted.push(expired(*id, before.terms.clone(), None, now, accept.ids));
        }
        noted.push(Transition {
            id: TransitionId(accept.ids.next()),
            finding_id: *id,
            kind: TransitionKind::Accepted,
            at: now,
            sync_id: None,
            before: Vec::new(),
            after: Vec::new(),
            cause: None,
            by: Some(accept.acceptance.accepted_by.clone()),
            terms: Some(accept.acceptance.terms.clone()),
        });
    }
    noted
}
