//! A tenant as SAFE shows it: one asset for each integration, with the counts of its open findings.

use domain::coverage::UnknownCheck;
use domain::frequency::Frequency;
use domain::{AssetId, IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::integrations::read_frequency;
use crate::value::{
    At, at, bigint, from_at, json, maybe_from_at, organisation, readable_since, uuids,
};
use crate::{Error, Page, Slice, Store};

/// An asset as the last sync left it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Its id; stays with the integration.
    pub id: AssetId,
    /// Of which integration.
    pub integration_id: IntegrationId,
    /// The Asset Name in SAFE.
    pub name: String,
    /// The tenant's identity.
    pub tenant_domain: String,
    /// 0 to 100; none when nothing was judged.
    pub score: Option<u8>,
    /// 0 to 100; none when nothing was evaluated.
    pub coverage_percent: Option<u8>,
    /// What could not be judged, and since when.
    pub unknown_checks: Vec<UnknownCheck>,
    /// Users active in the last 30 days.
    pub active_users_30d: Option<u64>,
    /// Logins in the last 30 days.
    pub logins_30d: Option<u64>,
    /// When it was evaluated.
    pub evaluated_at: Timestamp,
    /// By which sync.
    pub sync_id: SyncId,
}

/// An asset with what is shown beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetView {
    /// The asset.
    pub asset: Asset,
    /// Its open findings.
    pub findings: SeverityCounts,
    /// The integration's.
    pub frequency: Frequency,
    /// The integration's.
    pub next_sync_at: Option<Timestamp>,
    /// The integration's.
    pub created_at: Timestamp,
    /// The integration's.
    pub deleted_at: Option<Timestamp>,
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SeverityCounts {
    pub critical: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
    pub info: u32,
}

macro_rules! asset_columns {
    () => {
        "a.organisation_id, a.id, a.integration_id, a.name, a.tenant_domain, a.score,
         a.coverage_percent, a.unknown_checks, a.active_users_30d, a.logins_30d, a.evaluated_at,
         a.sync_id"
    };
}

macro_rules! view_columns {
    () => {
        concat!(
            asset_columns!(),
            ", open.by_rank, i.auto_sync_frequency, i.next_sync_at, i.created_at, i.deleted_at
             from assets a
             join integrations i on i.organisation_id = a.organisation_id and i.id = a.integration_id
             cross join lateral (
                 select array[
                     count(*) filter (where f.severity_rank = 0),
                     count(*) filter (where f.severity_rank = 1),
                     count(*) filter (where f.severity_rank = 2),
                     count(*) filter (where f.severity_rank = 3),
                     count(*) filter (where f.severity_rank = 4)
                 ] as by_rank
                 from findings f
                 where f.organisation_id = a.organisation_id and f.asset_id = a.id
                     and f.state = 'open'
             ) open"
        )
    };
}

impl Store {
    /// The assets of an organisation, or of some of its integrations, oldest first.
    pub async fn list_assets(
        &self,
        organisation: &OrganisationId,
        integration_ids: Option<&[IntegrationId]>,
        slice: Slice<AssetId>,
        now: Timestamp,
    ) -> Result<Page<AssetView>, Error> {
        let sql = concat!(
            "/* store.list_assets */ select ",
            view_columns!(),
            " where a.organisation_id = $1 and (i.deleted_at is null or i.deleted_at > $2)
                and ($3::uuid[] is null or a.integration_id = any($3))
                and ($4::uuid is null or a.id > $4)
              order by a.id limit $5"
        );
        let rows: Vec<ViewRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(readable_since(now))
            .bind(uuids(integration_ids, |id| id.0))
            .bind(slice.after.map(|id| id.0))
            .bind(slice.fetched())
            .fetch_all(self.pool())
            .await?;
        Page::of(rows, slice.limit, AssetView::try_from)
    }

    /// One asset.
    pub async fn find_asset(
        &self,
        organisation: &OrganisationId,
        id: AssetId,
        now: Timestamp,
    ) -> Result<Option<AssetView>, Error> {
        let sql = concat!(
            "/* store.find_asset */ select ",
            view_columns!(),
            " where a.organisation_id = $1 and a.id = $3
                and (i.deleted_at is null or i.deleted_at > $2)"
        );
        let row: Option<ViewRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(readable_since(now))
            .bind(id.0)
            .fetch_optional(self.pool())
            .await?;
        row.map(AssetView::try_from).transpose()
    }

    /// The asset of one integration, for its next sync.
    pub async fn find_asset_of(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
    ) -> Result<Option<Asset>, Error> {
        let sql = concat!(
            "/* store.find_asset_of */ select ",
            asset_columns!(),
            " from assets a where a.organisation_id = $1 and a.integration_id = $2"
        );
        let row: Option<AssetRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(integration_id.0)
            .fetch_optional(self.pool())
            .await?;
        row.map(Asset::try_from).transpose()
    }
}

/// Writes the asset of an integration; its id stays that of the first.
pub(crate) async fn upsert(connection: &mut PgConnection, asset: &Asset) -> Result<(), Error> {
    let sql = "/* store.finish_sync: asset */
        insert into assets
            (organisation_id, id, integration_id, name, tenant_domain, score, coverage_percent,
             unknown_checks, active_users_30d, logins_30d, evaluated_at, sync_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (organisation_id, integration_id) do update set
            name = excluded.name, tenant_domain = excluded.tenant_domain, score = excluded.score,
            coverage_percent = excluded.coverage_percent, unknown_checks = excluded.unknown_checks,
            active_users_30d = excluded.active_users_30d, logins_30d = excluded.logins_30d,
            evaluated_at = excluded.evaluated_at, sync_id = excluded.sync_id";
    sqlx::query(sql)
        .bind(asset.organisation_id.as_str())
        .bind(asset.id.0)
        .bind(asset.integration_id.0)
        .bind(&asset.name)
        .bind(&asset.tenant_domain)
        .bind(asset.score.map(i16::from))
        .bind(asset.coverage_percent.map(i16::from))
        .bind(json(&asset.unknown_checks)?)
        .bind(asset.active_users_30d.map(bigint))
        .bind(asset.logins_30d.map(bigint))
        .bind(at(asset.evaluated_at))
        .bind(asset.sync_id.0)
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct AssetRow {
    organisation_id: String,
    id: Uuid,
    integration_id: Uuid,
    name: String,
    tenant_domain: String,
    score: Option<i16>,
    coverage_percent: Option<i16>,
    unknown_checks: Value,
    active_users_30d: Option<i64>,
    logins_30d: Option<i64>,
    evaluated_at: At,
    sync_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    asset: AssetRow,
    by_rank: Vec<i64>,
    auto_sync_frequency: Value,
    next_sync_at: Option<At>,
    created_at: At,
    deleted_at: Option<At>,
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
            score: number(row.score, "score")?,
            coverage_percent: number(row.coverage_percent, "coverage_percent")?,
            unknown_checks: serde_json::from_value(row.unknown_checks)
                .map_err(|_| Error::corrupt("assets", "unknown_checks"))?,
            active_users_30d: number(row.active_users_30d, "active_users_30d")?,
            logins_30d: number(row.logins_30d, "logins_30d")?,
            evaluated_at: from_at(row.evaluated_at),
            sync_id: SyncId(row.sync_id),
        })
    }
}

impl TryFrom<ViewRow> for AssetView {
    type Error = Error;

    fn try_from(row: ViewRow) -> Result<Self, Error> {
        let count = |rank: usize| {
            row.by_rank.get(rank).map_or(0, |count| u32::try_from(*count).unwrap_or(u32::MAX))
        };
        let findings = SeverityCounts {
            critical: count(4),
            high: count(3),
            medium: count(2),
            low: count(1),
            info: count(0),
        };
        Ok(Self {
            findings,
            asset: row.asset.try_into()?,
            frequency: read_frequency(&row.auto_sync_frequency)?,
            next_sync_at: maybe_from_at(row.next_sync_at),
            created_at: from_at(row.created_at),
            deleted_at: maybe_from_at(row.deleted_at),
        })
    }
}

fn number<S, T: TryFrom<S>>(stored: Option<S>, column: &'static str) -> Result<Option<T>, Error> {
    stored.map(T::try_from).transpose().map_err(|_| Error::corrupt("assets", column))
}
