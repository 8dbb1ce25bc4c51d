//! The rows of assets and of their counts.

use domain::coverage::UnknownCheck;
use domain::score::ScoreInputs;
use domain::{AssetId, IntegrationId, SyncId};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

use super::{Asset, AssetView, SeverityCounts};
use crate::Error;
use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, organisation, read_frequency};

/// The columns of [`AssetRow`], from the asset `a`.
macro_rules! asset_columns {
    () => {
        "a.organisation_id, a.id, a.integration_id, a.name, a.tenant_domain, a.score_basis,
         a.coverage_percent, a.unknown_checks, a.active_users_30d, a.logins_30d, a.evaluated_at,
         a.sync_id"
    };
}
pub(crate) use asset_columns;

macro_rules! count_by_rank {
    () => {
        "array[
             count(*) filter (where severity_rank = 0),
             count(*) filter (where severity_rank = 1),
             count(*) filter (where severity_rank = 2),
             count(*) filter (where severity_rank = 3),
             count(*) filter (where severity_rank = 4)
         ]"
    };
}
pub(super) use count_by_rank;

/// The columns and tables of [`ViewRow`] at the time `$3`: everything between `select` and `where`. Open findings are
/// counted in an index, and accepted ones, which are few, in the table. `waived`: check id and resource of accepted
/// findings that count as a pass.
macro_rules! view_columns {
    () => {
        concat!(
            asset_columns!(),
            ", a.score, opened.by_rank as open_by_rank, accepted.by_rank as accepted_by_rank, accepted.waived,
             i.auto_sync_frequency, i.next_sync_at, i.created_at, i.deleted_at
             from assets a
             join integrations i on i.organisation_id = a.organisation_id and i.id = a.integration_id
             cross join lateral (
                 select ",
            count_by_rank!(),
            " as by_rank
                 from findings
                 where organisation_id = a.organisation_id and asset_id = a.id and state = 'open'
             ) opened
             cross join lateral (
                 select ",
            count_by_rank!(),
            " as by_rank,
                 coalesce(
                     jsonb_agg(jsonb_build_array(check_id, resource))
                         filter (where acceptance_reason = any($4)),
                     '[]'
                 ) as waived
                 from findings
                 where organisation_id = a.organisation_id and asset_id = a.id and state = 'open'
                     and accepted_at is not null and coalesce(acceptance_expires_at > $3, true)
             ) accepted"
        )
    };
}
pub(super) use view_columns;

#[derive(sqlx::FromRow)]
pub(crate) struct AssetRow {
    organisation_id: String,
    id: Uuid,
    integration_id: Uuid,
    name: String,
    tenant_domain: String,
    score_basis: Option<Value>,
    coverage_percent: Option<i16>,
    unknown_checks: Value,
    active_users_30d: Option<i64>,
    logins_30d: Option<i64>,
    evaluated_at: SqlTimestamp,
    sync_id: Uuid,
}

#[derive(sqlx::FromRow)]
pub(super) struct ViewRow {
    #[sqlx(flatten)]
    asset: AssetRow,
    score: Option<i16>,
    open_by_rank: Vec<i64>,
    accepted_by_rank: Vec<i64>,
    waived: Value,
    auto_sync_frequency: Value,
    next_sync_at: Option<SqlTimestamp>,
    created_at: SqlTimestamp,
    deleted_at: Option<SqlTimestamp>,
}

impl TryFrom<AssetRow> for Asset {
    type Error = Error;

    fn try_from(row: AssetRow) -> Result<Self, Error> {
        Ok(Self {
            organisation_id: organisation(&row.organisation_id, "assets")?,
            id: AssetId(row.id),
            integration_id: IntegrationId(row.integration_id),
            name: row.name,
            tenant_domain: row.tenant_domain,
            score_basis: row.score_basis.map(|stored| read(stored, "score_basis")).transpose()?,
            coverage_percent: number(row.coverage_percent, "coverage_percent")?,
            unknown_checks: read::<Vec<UnknownCheck>>(row.unknown_checks, "unknown_checks")?,
            active_users_30d: number(row.active_users_30d, "active_users_30d")?,
            logins_30d: number(row.logins_30d, "logins_30d")?,
            evaluated_at: from_sql_time(row.evaluated_at),
            sync_id: SyncId(row.sync_id),
        })
    }
}

impl TryFrom<ViewRow> for AssetView {
    type Error = Error;

    fn try_from(row: ViewRow) -> Result<Self, Error> {
        let accepted = row.accepted_by_rank;
        let left = row.open_by_rank.iter().zip(&accepted).map(|(open, accepted)| open - accepted);
        let findings = by_severity(&left.collect::<Vec<_>>());
        let asset = Asset::try_from(row.asset)?;
        let waived: BTreeSet<(String, String)> = read(row.waived, "waived")?;
        let score = match &asset.score_basis {
            Some(basis) => score(basis, &waived),
            None => number(row.score, "score")?,
        };
        Ok(Self {
            findings,
            accepted: counted(accepted.iter().sum()),
            score,
            asset,
            frequency: read_frequency(&row.auto_sync_frequency)?,
            next_sync_at: maybe_from_at(row.next_sync_at),
            created_at: from_sql_time(row.created_at),
            deleted_at: maybe_from_at(row.deleted_at),
        })
    }
}

fn number<S, T: TryFrom<S>>(stored: Option<S>, column: &'static str) -> Result<Option<T>, Error> {
    stored.map(T::try_from).transpose().map_err(|_| Error::corrupt("assets", column))
}

fn score(basis: &ScoreInputs, waived: &BTreeSet<(String, String)>) -> Option<u8> {
    basis.score(|check, resource| waived.contains(&(check.to_owned(), resource.to_owned())))
}

/// `by_rank` starts with the lowest severity.
pub(crate) fn by_severity(by_rank: &[i64]) -> SeverityCounts {
    let count = |rank: usize| by_rank.get(rank).copied().map_or(0, counted);
    SeverityCounts {
        critical: count(4),
        high: count(3),
        medium: count(2),
        low: count(1),
        info: count(0),
    }
}

pub(crate) fn counted(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn read<T: DeserializeOwned>(stored: Value, column: &'static str) -> Result<T, Error> {
    serde_json::from_value(stored).map_err(|_| Error::corrupt("assets", column))
}
