//! The columns of an acceptance, which syncs never write.

use std::collections::BTreeMap;

use domain::acceptance::{Acceptance, AcceptanceTerms, Reason};
use domain::finding::FindingState;
use domain::{FindingId, OrganisationId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, readable_since};
use crate::transaction::Tx;

#[derive(sqlx::FromRow)]
pub(super) struct AcceptanceRow {
    acceptance_reason: Option<String>,
    acceptance_rationale: Option<String>,
    accepted_by: Option<String>,
    accepted_at: Option<SqlTimestamp>,
    acceptance_expires_at: Option<SqlTimestamp>,
}

impl AcceptanceRow {
    /// A table constraint makes the columns all null or all set.
    pub fn read(self) -> Result<Option<Acceptance>, Error> {
        let (Some(reason), Some(rationale), Some(accepted_by), Some(accepted_at)) =
            (self.acceptance_reason, self.acceptance_rationale, self.accepted_by, self.accepted_at)
        else {
            return Ok(None);
        };
        let reason = Reason::from_name(&reason)
            .ok_or_else(|| Error::corrupt("findings", "acceptance_reason"))?;
        let expires_at = maybe_from_at(self.acceptance_expires_at);
        Ok(Some(Acceptance {
            terms: AcceptanceTerms { reason, rationale, expires_at },
            accepted_by,
            accepted_at: from_sql_time(accepted_at),
        }))
    }
}

/// A finding that is locked until the transaction ends.
pub(super) struct LockedFinding {
    pub state: FindingState,
    pub acceptance: Option<Acceptance>,
}

#[derive(sqlx::FromRow)]
struct LockedRow {
    id: Uuid,
    state: String,
    #[sqlx(flatten)]
    acceptance: AcceptanceRow,
}

/// Locks the findings that are visible at `now`, after their integrations: the same order as in every other
/// transaction, so that none deadlock.
pub(super) async fn lock(
    tx: &mut Tx,
    organisation: &OrganisationId,
    ids: &[FindingId],
    now: Timestamp,
) -> Result<BTreeMap<FindingId, LockedFinding>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let integrations = "/* store.lock_findings: integrations */
        select id from integrations
        where organisation_id = $1 and (deleted_at is null or deleted_at > $2)
            and id in (
                select integration_id from findings where organisation_id = $1 and id = any($3))
        order by id for no key update";
    let integrations: Vec<Uuid> = sqlx::query_scalar(integrations)
        .bind(organisation.as_str())
        .bind(readable_since(now))
        .bind(&ids)
        .fetch_all(&mut **tx)
        .await?;
    let findings = "/* store.lock_findings */
        select id, state, acceptance_reason, acceptance_rationale, accepted_by, accepted_at,
            acceptance_expires_at
        from findings
        where organisation_id = $1 and id = any($2) and integration_id = any($3)
        order by id for no key update";
    let rows: Vec<LockedRow> = sqlx::query_as(findings)
        .bind(organisation.as_str())
        .bind(&ids)
        .bind(&integrations)
        .fetch_all(&mut **tx)
        .await?;
    rows.into_iter()
        .map(|row| {
            let state = FindingState::from_name(&row.state)
                .ok_or_else(|| Error::corrupt("findings", "state"))?;
            Ok((FindingId(row.id), LockedFinding { state, acceptance: row.acceptance.read()? }))
        })
        .collect()
}
