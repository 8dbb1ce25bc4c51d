//! The rows of findings.

use domain::acceptance::Acceptance;
use domain::checks::{Evidence, Severity};
use domain::finding::{Finding, FindingKey, FindingState, LastResult, Ranking};
use domain::frequency::Frequency;
use domain::{AssetId, FindingId, IntegrationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::acceptance::AcceptanceRow;
use super::change_column;
use crate::Error;
use crate::convert::{
    SqlTimestamp, from_sql_time, json, maybe_from_at, organisation, read_frequency,
};

/// The columns of [`FindingRow`], from the finding `f` and its asset `a`.
macro_rules! finding_columns {
    () => {
        "f.organisation_id, f.id, f.integration_id, f.asset_id, f.check_id, f.resource,
         f.check_version, f.title, f.severity_rank, f.state, f.result, f.result_reason, f.evidence,
         f.change, f.first_seen_at,
         case when f.seen_in_latest then a.evaluated_at else f.last_seen_at end as last_seen_at,
         case when f.evaluated_in_latest then a.evaluated_at else f.last_evaluated_at end
             as last_evaluated_at,
         f.open_since, f.resolved_at, f.reopen_count, f.object_name, f.priority, f.ranking"
    };
}
pub(super) use finding_columns;

macro_rules! join_asset {
    () => {
        " join assets a on a.organisation_id = f.organisation_id and a.id = f.asset_id"
    };
}
pub(super) use join_asset;

/// The columns of [`ViewRow`], from the finding `f`, its asset `a` and its integration `i`.
macro_rules! view_columns {
    () => {
        concat!(
            finding_columns!(),
            ", a.name as asset_name, a.tenant_domain, f.acceptance_reason, f.acceptance_rationale, f.accepted_by, f.accepted_at,
             f.acceptance_expires_at, i.auto_sync_frequency, i.next_sync_at, i.deleted_at"
        )
    };
}
pub(super) use view_columns;

macro_rules! join_view {
    () => {
        concat!(
            join_asset!(),
            " join integrations i on i.organisation_id = f.organisation_id and i.id = f.integration_id"
        )
    };
}
pub(super) use join_view;

/// A finding with its acceptance, and what determines its freshness.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingView {
    pub finding: Finding,
    /// Of the asset, as is the following field.
    pub asset_name: String,
    pub tenant_domain: String,
    /// In force or expired.
    pub acceptance: Option<Acceptance>,
    /// Of the integration, as are the following fields.
    pub frequency: Frequency,
    pub next_sync_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
pub(super) struct FindingRow {
    organisation_id: String,
    id: Uuid,
    integration_id: Uuid,
    asset_id: Uuid,
    check_id: String,
    resource: String,
    check_version: i32,
    title: String,
    severity_rank: i16,
    state: String,
    result: String,
    result_reason: Option<String>,
    evidence: Json<Vec<Evidence>>,
    change: Option<Value>,
    first_seen_at: SqlTimestamp,
    last_seen_at: SqlTimestamp,
    last_evaluated_at: SqlTimestamp,
    open_since: SqlTimestamp,
    resolved_at: Option<SqlTimestamp>,
    reopen_count: i32,
    object_name: Option<String>,
    priority: i16,
    ranking: Json<RankingColumn>,
}

/// The column `ranking`: what follows from the priority, which has a column of its own. Empty where there is none.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct RankingColumn {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part_of: Option<Uuid>,
}

pub(super) fn ranking_column(ranking: &Ranking<FindingId>) -> Result<Value, Error> {
    let Ranking { reasons, part_of, .. } = ranking.clone();
    json(&RankingColumn { reasons, part_of: part_of.map(|id| id.0) })
}

pub(super) fn priority(ranking: &Ranking<FindingId>) -> i16 {
    i16::try_from(ranking.priority).unwrap_or(i16::MAX)
}

#[derive(sqlx::FromRow)]
pub(super) struct ViewRow {
    #[sqlx(flatten)]
    finding: FindingRow,
    asset_name: String,
    tenant_domain: String,
    #[sqlx(flatten)]
    acceptance: AcceptanceRow,
    auto_sync_frequency: Value,
    next_sync_at: Option<SqlTimestamp>,
    deleted_at: Option<SqlTimestamp>,
}

impl TryFrom<FindingRow> for Finding {
    type Error = Error;

    fn try_from(row: FindingRow) -> Result<Self, Error> {
        let (change, confidence) =
            change_column::read(row.change).ok_or_else(|| corrupt("change"))?;
        Ok(Self {
            organisation_id: organisation(&row.organisation_id, "findings")?,
            id: FindingId(row.id),
            integration_id: IntegrationId(row.integration_id),
            asset_id: AssetId(row.asset_id),
            check_version: u16::try_from(row.check_version)
                .map_err(|_| corrupt("check_version"))?,
            title: row.title,
            object_name: row.object_name,
            ranking: Ranking {
                priority: u16::try_from(row.priority).map_err(|_| corrupt("priority"))?,
                reasons: row.ranking.0.reasons,
                part_of: row.ranking.0.part_of.map(FindingId),
            },
            severity: severity(row.severity_rank).ok_or_else(|| corrupt("severity_rank"))?,
            state: FindingState::from_name(&row.state).ok_or_else(|| corrupt("state"))?,
            result: LastResult::from_names(&row.result, row.result_reason.as_deref())
                .ok_or_else(|| corrupt("result"))?,
            evidence: row.evidence.0,
            change,
            confidence,
            first_seen_at: from_sql_time(row.first_seen_at),
            last_seen_at: from_sql_time(row.last_seen_at),
            last_evaluated_at: from_sql_time(row.last_evaluated_at),
            open_since: from_sql_time(row.open_since),
            resolved_at: maybe_from_at(row.resolved_at),
            reopen_count: u32::try_from(row.reopen_count).map_err(|_| corrupt("reopen_count"))?,
            key: FindingKey { check_id: row.check_id, resource: row.resource },
        })
    }
}

impl TryFrom<ViewRow> for FindingView {
    type Error = Error;

    fn try_from(row: ViewRow) -> Result<Self, Error> {
        Ok(Self {
            finding: row.finding.try_into()?,
            asset_name: row.asset_name,
            tenant_domain: row.tenant_domain,
            acceptance: row.acceptance.read()?,
            frequency: read_frequency(&row.auto_sync_frequency)?,
            next_sync_at: maybe_from_at(row.next_sync_at),
            deleted_at: maybe_from_at(row.deleted_at),
        })
    }
}

/// 0 (info) to 4 (critical).
pub(super) fn rank(severity: Severity) -> i16 {
    match severity {
        Severity::Info => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

fn severity(stored: i16) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| rank(*severity) == stored)
}

fn corrupt(column: &'static str) -> Error {
    Error::corrupt("findings", column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_order_of_severities() {
        for pair in Severity::ALL.windows(2) {
            assert!(rank(pair[0]) > rank(pair[1]));
            assert_eq!(severity(rank(pair[0])), Some(pair[0]));
        }
        assert_eq!(severity(5), None);
    }
}
