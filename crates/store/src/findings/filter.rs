//! The filter of lists and exports of findings.

use domain::checks::Severity;
use domain::finding::FindingStatus;
use domain::{AssetId, IntegrationId, OrganisationId};
use jiff::Timestamp;
use sqlx::{Postgres, QueryBuilder};

use super::row::rank;
use crate::convert::{SqlTimestamp, readable_since, text, to_sql_time, uuids};

/// An absent filter matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    pub integration_ids: Option<Vec<IntegrationId>>,
    pub asset_ids: Option<Vec<AssetId>>,
    /// States at the time of the query.
    pub states: Option<Vec<FindingStatus>>,
    pub severities: Option<Vec<Severity>>,
    pub check_ids: Option<Vec<String>>,
    /// Substring of title, check id or resource; case-insensitive; `%` and `_` are literal.
    pub q: Option<String>,
    /// Includes findings of deleted integrations. Implied by `integration_ids` and `asset_ids`.
    pub include_deleted: bool,
}

impl FindingFilter {
    /// Integrations deleted after this instant are included. None: no deleted ones.
    fn deleted_since(&self, now: Timestamp) -> Option<SqlTimestamp> {
        let is_named = self.integration_ids.is_some() || self.asset_ids.is_some();
        (is_named || self.include_deleted).then(|| readable_since(now))
    }

    /// Appends the conditions on the findings `f` of an organisation. Absent filters add no condition, so that each
    /// combination gets its own query plan.
    pub(super) fn push_where(
        &self,
        sql: &mut QueryBuilder<Postgres>,
        organisation: &OrganisationId,
        now: Timestamp,
    ) {
        let org = organisation.as_str().to_owned();
        sql.push(" where f.organisation_id = ").push_bind(org.clone());
        sql.push(" and not exists (select from integrations d where d.organisation_id = ")
            .push_bind(org);
        sql.push(" and d.id = f.integration_id and d.deleted_at is not null");
        if let Some(since) = self.deleted_since(now) {
            sql.push(" and d.deleted_at <= ").push_bind(since);
        }
        sql.push(")");
        self.push_owner(sql, "f.integration_id", "f.asset_id");
        if let Some(severities) = &self.severities {
            push_any(sql, "f.severity_rank", severities.iter().map(|each| rank(*each)).collect());
        }
        if let Some(checks) = &self.check_ids {
            push_any(sql, "f.check_id", checks.clone());
        }
        if let Some(states) = &self.states {
            push_states(sql, states, now);
        }
    }

    /// Appends the conditions on the assets `a`.
    pub(super) fn push_assets(&self, sql: &mut QueryBuilder<Postgres>) {
        self.push_owner(sql, "a.integration_id", "a.id");
    }

    fn push_owner(&self, sql: &mut QueryBuilder<Postgres>, integration: &str, asset: &str) {
        if let Some(ids) = uuids(self.integration_ids.as_deref(), |id| id.0) {
            push_any(sql, integration, ids);
        }
        if let Some(ids) = uuids(self.asset_ids.as_deref(), |id| id.0) {
            push_any(sql, asset, ids);
        }
    }

    /// Appends whether the text of the finding `f` matches.
    pub(super) fn push_match(&self, sql: &mut QueryBuilder<Postgres>) {
        let Some(q) = self.q.as_deref().map(text) else {
            sql.push("true");
            return;
        };
        sql.push("(false");
        for column in ["f.title", "f.check_id", "f.resource"] {
            sql.push(format!(" or strpos(lower({column}), lower("))
                .push_bind(q.clone())
                .push(")) > 0");
        }
        sql.push(")");
    }
}

/// A single value becomes an equality, which preserves the order of an index that starts with the column.
fn push_any<T>(sql: &mut QueryBuilder<Postgres>, column: &str, mut values: Vec<T>)
where
    T: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send + 'static,
    Vec<T>: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres>,
{
    sql.push(format!(" and {column} = "));
    match values.pop() {
        Some(only) if values.is_empty() => sql.push_bind(only),
        last => {
            values.extend(last);
            sql.push("any(").push_bind(values).push(")")
        }
    };
}

fn push_states(sql: &mut QueryBuilder<Postgres>, states: &[FindingStatus], now: Timestamp) {
    sql.push(" and (false");
    for state in states {
        match state {
            FindingStatus::Resolved => sql.push(" or f.state = 'resolved'"),
            FindingStatus::Open => sql
                .push(" or f.state = 'open' and (f.accepted_at is null or f.acceptance_expires_at <= ")
                .push_bind(to_sql_time(now))
                .push(")"),
            FindingStatus::Accepted => sql
                .push(" or f.state = 'open' and f.accepted_at is not null and coalesce(f.acceptance_expires_at > ")
                .push_bind(to_sql_time(now))
                .push(", true)"),
        };
    }
    sql.push(")");
}
