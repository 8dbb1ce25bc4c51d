//! The transitions of a finding.

use domain::acceptance::{AcceptanceTerms, Reason};
use domain::finding::{Transition, TransitionCause, TransitionKind};
use domain::{FindingId, OrganisationId, SyncId, TransitionId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::convert::{
    SqlTimestamp, from_sql_time, json, maybe_from_at, text, to_sql_time, to_sql_time_opt,
};
use crate::{Error, Store};

/// Maximum number of transitions returned; the newest are kept.
const SHOWN_MAX: i64 = 1000;

impl Store {
    /// Oldest first; at most the newest 1000.
    pub async fn list_transitions(
        &self,
        organisation: &OrganisationId,
        finding_id: FindingId,
    ) -> Result<Vec<Transition>, Error> {
        let sql = "/* store.list_transitions */
            select id, finding_id, kind, at, sync_id, before, after, by_whom, acceptance_reason,
                acceptance_rationale, acceptance_expires_at, cause
            from finding_transitions
            where organisation_id = $1 and finding_id = $2
            order by at desc, id desc limit $3";
        let mut tx = self.begin_for(organisation).await?;
        let rows: Vec<TransitionRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(finding_id.0)
            .bind(SHOWN_MAX)
            .fetch_all(&mut *tx)
            .await?;
        rows.into_iter().rev().map(Transition::try_from).collect()
    }
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    transitions: &[Transition],
) -> Result<(), Error> {
    let sql = "/* store.insert_transitions */
        insert into finding_transitions
            (organisation_id, id, finding_id, kind, at, sync_id, before, after, by_whom,
             acceptance_reason, acceptance_rationale, acceptance_expires_at, cause)
        select $1, each.* from unnest(
            $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::jsonb[],
            $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::timestamptz[],
            $13::text[]) as each";
    let terms = || transitions.iter().map(|t| t.terms.as_ref());
    let before: Vec<Value> =
        transitions.iter().map(|t| json(&t.before)).collect::<Result<_, _>>()?;
    let after: Vec<Value> = transitions.iter().map(|t| json(&t.after)).collect::<Result<_, _>>()?;
    sqlx::query(sql)
        .bind(organisation.as_str())
        .bind(transitions.iter().map(|t| t.id.0).collect::<Vec<_>>())
        .bind(transitions.iter().map(|t| t.finding_id.0).collect::<Vec<_>>())
        .bind(transitions.iter().map(|t| t.kind.name()).collect::<Vec<_>>())
        .bind(transitions.iter().map(|t| to_sql_time(t.at)).collect::<Vec<_>>())
        .bind(transitions.iter().map(|t| t.sync_id.map(|id| id.0)).collect::<Vec<_>>())
        .bind(before)
        .bind(after)
        .bind(transitions.iter().map(|t| t.by.as_deref().map(text)).collect::<Vec<_>>())
        .bind(terms().map(|t| t.map(|t| t.reason.name())).collect::<Vec<_>>())
        .bind(terms().map(|t| t.map(|t| text(&t.rationale))).collect::<Vec<_>>())
        .bind(terms().map(|t| t.and_then(|t| to_sql_time_opt(t.expires_at))).collect::<Vec<_>>())
        .bind(transitions.iter().map(|t| t.cause.map(TransitionCause::name)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct TransitionRow {
    id: Uuid,
    finding_id: Uuid,
    kind: String,
    at: SqlTimestamp,
    sync_id: Option<Uuid>,
    before: Value,
    after: Value,
    by_whom: Option<String>,
    acceptance_reason: Option<String>,
    acceptance_rationale: Option<String>,
    acceptance_expires_at: Option<SqlTimestamp>,
    cause: Option<String>,
}

impl TryFrom<TransitionRow> for Transition {
    type Error = Error;

    fn try_from(row: TransitionRow) -> Result<Self, Error> {
        let terms = match (row.acceptance_reason, row.acceptance_rationale) {
            (Some(reason), Some(rationale)) => Some(AcceptanceTerms {
                reason: Reason::from_name(&reason).ok_or_else(|| corrupt("acceptance_reason"))?,
                rationale,
                expires_at: maybe_from_at(row.acceptance_expires_at),
            }),
            _ => None,
        };
        Ok(Self {
            id: TransitionId(row.id),
            finding_id: FindingId(row.finding_id),
            kind: TransitionKind::from_name(&row.kind).ok_or_else(|| corrupt("kind"))?,
            at: from_sql_time(row.at),
            sync_id: row.sync_id.map(SyncId),
            before: serde_json::from_value(row.before).map_err(|_| corrupt("before"))?,
            after: serde_json::from_value(row.after).map_err(|_| corrupt("after"))?,
            cause: match row.cause {
                Some(name) => {
                    Some(TransitionCause::from_name(&name).ok_or_else(|| corrupt("cause"))?)
                }
                None => None,
            },
            by: row.by_whom,
            terms,
        })
    }
}

fn corrupt(column: &'static str) -> Error {
    Error::corrupt("finding_transitions", column)
}
