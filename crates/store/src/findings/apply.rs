//! Applies a sync to the findings in three statements, whatever their number.

use domain::OrganisationId;
use domain::finding::Finding;
use domain::reconcile::Changes;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::change_column;
use super::row::{priority, rank, ranking_column};
use crate::Error;
use crate::convert::{SqlTimestamp, int, json, text, to_sql_time, to_sql_time_opt};

/// Writes new and changed findings and their transitions, in the sync's transaction. Those that were evaluated at
/// `evaluated_at` have the times of their asset, which has that time.
pub(crate) async fn apply(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    reconciled: &Changes,
    evaluated_at: Option<Timestamp>,
) -> Result<(), Error> {
    let is_written = |finding: &&Finding| !reconciled.times_only.contains(&finding.id);
    let written = reconciled.findings.iter().filter(is_written);
    let columns = Columns::from_findings(written, evaluated_at)?;
    if !columns.ids.is_empty() {
        upsert(connection, organisation, columns).await?;
    }
    if !reconciled.transitions.is_empty() {
        super::transitions::insert(connection, organisation, &reconciled.transitions).await?;
    }
    Ok(())
}

/// The columns of the findings.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    integrations: Vec<Uuid>,
    assets: Vec<Uuid>,
    checks: Vec<String>,
    resources: Vec<String>,
    versions: Vec<i32>,
    titles: Vec<String>,
    object_names: Vec<Option<String>>,
    ranks: Vec<i16>,
    priorities: Vec<i16>,
    rankings: Vec<Value>,
    states: Vec<&'static str>,
    results: Vec<&'static str>,
    reasons: Vec<Option<&'static str>>,
    evidence: Vec<Value>,
    changes: Vec<Option<Value>>,
    first_seen: Vec<SqlTimestamp>,
    last_seen: Vec<SqlTimestamp>,
    last_evaluated: Vec<SqlTimestamp>,
    seen_in_latest: Vec<bool>,
    evaluated_in_latest: Vec<bool>,
    open_since: Vec<SqlTimestamp>,
    resolved: Vec<Option<SqlTimestamp>>,
    reopened: Vec<i32>,
}

impl Columns {
    fn from_findings<'a>(
        findings: impl Iterator<Item = &'a Finding>,
        evaluated_at: Option<Timestamp>,
    ) -> Result<Self, Error> {
        let mut columns = Self::default();
        for finding in findings {
            columns.ids.push(finding.id.0);
            columns.integrations.push(finding.integration_id.0);
            columns.assets.push(finding.asset_id.0);
            columns.checks.push(text(&finding.key.check_id));
            columns.resources.push(text(&finding.key.resource));
            columns.versions.push(i32::from(finding.check_version));
            columns.titles.push(text(&finding.title));
            columns.object_names.push(finding.object_name.as_deref().map(text));
            columns.ranks.push(rank(finding.severity));
            columns.priorities.push(priority(&finding.ranking));
            columns.rankings.push(ranking_column(&finding.ranking)?);
            columns.states.push(finding.state.name());
            columns.results.push(finding.result.name());
            columns.reasons.push(finding.result.reason());
            columns.evidence.push(json(&finding.evidence)?);
            columns.changes.push(change_column::write(finding)?);
            columns.first_seen.push(to_sql_time(finding.first_seen_at));
            columns.last_seen.push(to_sql_time(finding.last_seen_at));
            columns.last_evaluated.push(to_sql_time(finding.last_evaluated_at));
            columns.seen_in_latest.push(Some(finding.last_seen_at) == evaluated_at);
            columns.evaluated_in_latest.push(Some(finding.last_evaluated_at) == evaluated_at);
            columns.open_since.push(to_sql_time(finding.open_since));
            columns.resolved.push(to_sql_time_opt(finding.resolved_at));
            columns.reopened.push(int(finding.reopen_count));
        }
        Ok(columns)
    }
}

/// A finding is identified by integration, check and resource; its id and first sighting stay. Comparisons use the
/// rows from before the statement, each looked up by itself, whatever the size of the organisation.
const UPSERT: &str = "/* store.finish_sync: findings */
    with seen as materialized (
        select * from unnest(
            $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[],
            $9::smallint[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::jsonb[],
            $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
            $19::timestamptz[], $20::int[], $21::boolean[], $22::boolean[], $23::text[],
            $24::smallint[], $25::jsonb[])
        as each (id, integration_id, asset_id, check_id, resource, check_version, title,
            severity_rank, state, result, result_reason, evidence, change, first_seen_at,
            last_seen_at, last_evaluated_at, open_since, resolved_at, reopen_count,
            seen_in_latest, evaluated_in_latest, object_name, priority, ranking)
    ), written as (
    insert into findings
        (organisation_id, id, integration_id, asset_id, check_id, resource, check_version,
         title, severity_rank, state, result, result_reason, evidence, change, first_seen_at,
         last_seen_at, last_evaluated_at, open_since, resolved_at, reopen_count,
         seen_in_latest, evaluated_in_latest, object_name, priority, ranking)
    select $1, seen.* from seen
    on conflict (organisation_id, integration_id, check_id, resource) do update set
        asset_id = excluded.asset_id, check_version = excluded.check_version,
        title = excluded.title, severity_rank = excluded.severity_rank,
        state = excluded.state, result = excluded.result,
        result_reason = excluded.result_reason, evidence = excluded.evidence,
        change = excluded.change, last_seen_at = excluded.last_seen_at,
        last_evaluated_at = excluded.last_evaluated_at, open_since = excluded.open_since,
        resolved_at = excluded.resolved_at, reopen_count = excluded.reopen_count,
        seen_in_latest = excluded.seen_in_latest,
        evaluated_in_latest = excluded.evaluated_in_latest,
        object_name = excluded.object_name, priority = excluded.priority,
        ranking = excluded.ranking
    ), moved as (
        select seen.asset_id, bool_or(seen.last_seen_at <> before.last_seen_at
                and (seen.seen_in_latest or not before.seen_in_latest)) as by_sighting,
            bool_or(seen.severity_rank <> before.severity_rank) as by_severity,
            bool_or(seen.priority <> before.priority) as by_priority
        from seen cross join lateral (
            select * from findings f where f.organisation_id = $1 and f.integration_id = seen.integration_id
                and f.check_id = seen.check_id and f.resource = seen.resource
            limit 1
        ) before
        group by seen.asset_id
    )
    update assets a set seen_revision = seen_revision + by_sighting::int,
        severity_revision = severity_revision + by_severity::int,
        priority_revision = priority_revision + by_priority::int
    from moved
    where a.organisation_id = $1 and a.id = moved.asset_id
        and (by_sighting or by_severity or by_priority)";

async fn upsert(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    columns: Columns,
) -> Result<(), Error> {
    sqlx::query(UPSERT)
        .bind(organisation.as_str())
        .bind(columns.ids)
        .bind(columns.integrations)
        .bind(columns.assets)
        .bind(columns.checks)
        .bind(columns.resources)
        .bind(columns.versions)
        .bind(columns.titles)
        .bind(columns.ranks)
        .bind(columns.states)
        .bind(columns.results)
        .bind(columns.reasons)
        .bind(columns.evidence)
        .bind(columns.changes)
        .bind(columns.first_seen)
        .bind(columns.last_seen)
        .bind(columns.last_evaluated)
        .bind(columns.open_since)
        .bind(columns.resolved)
        .bind(columns.reopened)
        .bind(columns.seen_in_latest)
        .bind(columns.evaluated_in_latest)
        .bind(columns.object_names)
        .bind(columns.priorities)
        .bind(columns.rankings)
        .execute(connection)
        .await?;
    Ok(())
}
