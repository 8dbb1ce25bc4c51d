//! Assets: a tenant as SAFE shows it, one for each integration, with the counts of its open findings.

mod row;

use domain::acceptance::Reason;
use domain::coverage::UnknownCheck;
use domain::finding::Finding;
use domain::frequency::Frequency;
use domain::reconcile::Changes;
use domain::score::ScoreInputs;
use domain::{AssetId, IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, PgConnection, Postgres, QueryBuilder};

use crate::convert::{bigint, json, readable_since, to_sql_time, uuids};
use crate::{Error, Page, PageQuery, Store};
pub(crate) use row::{AssetRow, asset_columns, by_severity, counted};
use row::{ViewRow, count_by_rank, view_columns};

/// An asset as of the last sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    pub organisation_id: OrganisationId,
    /// Stays with the integration.
    pub id: AssetId,
    pub integration_id: IntegrationId,
    pub name: String,
    pub tenant_domain: String,
    /// None: evaluated before score inputs were stored.
    pub score_basis: Option<ScoreInputs>,
    /// 0 to 100. None: nothing was evaluated.
    pub coverage_percent: Option<u8>,
    pub unknown_checks: Vec<UnknownCheck>,
    pub active_users_30d: Option<u64>,
    pub logins_30d: Option<u64>,
    pub evaluated_at: Timestamp,
    pub sync_id: SyncId,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AssetView {
    pub asset: Asset,
    /// 0 to 100, given the acceptances in force now. None: nothing was evaluated.
    pub score: Option<u8>,
    /// Open findings without the accepted ones.
    pub findings: SeverityCounts,
    pub accepted: u32,
    /// Of the integration, as are the following fields.
    pub frequency: Frequency,
    pub next_sync_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeverityCounts {
    pub critical: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
    pub info: u32,
}

/// An absent filter matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetFilter {
    pub integration_ids: Option<Vec<IntegrationId>>,
    pub asset_ids: Option<Vec<AssetId>>,
    /// Includes assets of deleted integrations. Implied by the ids.
    pub include_deleted: bool,
}

impl Store {
    /// The assets of an organisation, oldest first.
    pub async fn list_assets(
        &self,
        organisation: &OrganisationId,
        filter: &AssetFilter,
        slice: PageQuery<AssetId>,
        now: Timestamp,
    ) -> Result<Page<AssetView>, Error> {
        let list = concat!(
            "/* store.list_assets */ select ",
            view_columns!(),
            " where a.organisation_id = $1 and (i.deleted_at is null or i.deleted_at > $2)"
        );
        let is_named = filter.integration_ids.is_some() || filter.asset_ids.is_some();
        let shows_deleted = filter.include_deleted || is_named;
        let mut arguments = PgArguments::default();
        arguments.add(organisation.as_str()).map_err(Error::other)?;
        arguments.add(shows_deleted.then(|| readable_since(now))).map_err(Error::other)?;
        arguments.add(to_sql_time(now)).map_err(Error::other)?;
        arguments.add(waiving()).map_err(Error::other)?;
        let mut sql = QueryBuilder::<Postgres>::with_arguments(list, arguments);
        if let Some(ids) = uuids(filter.integration_ids.as_deref(), |id| id.0) {
            sql.push(" and a.integration_id = any(").push_bind(ids).push(")");
        }
        if let Some(ids) = uuids(filter.asset_ids.as_deref(), |id| id.0) {
            sql.push(" and a.id = any(").push_bind(ids).push(")");
        }
        if let Some(after) = slice.after {
            sql.push(" and a.id > ").push_bind(after.0);
        }
        sql.push(" order by a.id limit ").push_bind(slice.limit_plus_one());
        self.find_page(organisation, sql.build_query_as::<ViewRow>(), slice.limit).await
    }

    pub async fn find_asset(
        &self,
        organisation: &OrganisationId,
        id: AssetId,
        now: Timestamp,
    ) -> Result<Option<AssetView>, Error> {
        let sql = concat!(
            "/* store.find_asset */ select ",
            view_columns!(),
            " where a.organisation_id = $1 and a.id = $5
                and (i.deleted_at is null or i.deleted_at > $2)"
        );
        let query = sqlx::query_as::<_, ViewRow>(sql)
            .bind(organisation.as_str())
            .bind(readable_since(now))
            .bind(to_sql_time(now))
            .bind(waiving())
            .bind(id.0);
        self.find(organisation, query).await
    }

    /// The asset of an integration.
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
        let query =
            sqlx::query_as::<_, AssetRow>(sql).bind(organisation.as_str()).bind(integration_id.0);
        self.find(organisation, query).await
    }
}

/// The asset of an integration within the sync's transaction, including what it wrote.
pub(crate) async fn open_findings_of(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    integration_id: IntegrationId,
    now: Timestamp,
) -> Result<Option<AssetView>, Error> {
    let sql = concat!(
        "/* store.finish_sync: standing */ select ",
        view_columns!(),
        " where a.organisation_id = $1 and a.integration_id = $5
            and (i.deleted_at is null or i.deleted_at > $2)"
    );
    let row: Option<ViewRow> = sqlx::query_as(sql)
        .bind(organisation.as_str())
        .bind(readable_since(now))
        .bind(to_sql_time(now))
        .bind(waiving())
        .bind(integration_id.0)
        .fetch_optional(connection)
        .await?;
    row.map(AssetView::try_from).transpose()
}

/// Reasons that count as a pass.
fn waiving() -> Vec<&'static str> {
    Reason::ALL.into_iter().filter(|reason| reason.counts_as_pass()).map(Reason::name).collect()
}

/// Inserts or updates the asset of an integration; the id stays. The name is the current one, not that of the sync's
/// settings. Large values that are the same are not written again.
pub(crate) async fn upsert(
    connection: &mut PgConnection,
    asset: &Asset,
    reconciled: Option<&Changes>,
) -> Result<(), Error> {
    let sql = "/* store.finish_sync: asset */
        insert into assets
            (organisation_id, id, integration_id, name, tenant_domain, score_basis,
             coverage_percent, unknown_checks, active_users_30d, logins_30d, evaluated_at, sync_id)
        select $1, $2, $3, i.asset_name, $4, $5, $6, $7, $8, $9, $10, $11
        from integrations i where i.organisation_id = $1 and i.id = $3
        on conflict (organisation_id, integration_id) do update set
            name = excluded.name, tenant_domain = excluded.tenant_domain, score = null,
            score_basis = case when assets.score_basis = excluded.score_basis
                then assets.score_basis else excluded.score_basis end,
            coverage_percent = excluded.coverage_percent,
            unknown_checks = case when assets.unknown_checks = excluded.unknown_checks
                then assets.unknown_checks else excluded.unknown_checks end,
            active_users_30d = excluded.active_users_30d, logins_30d = excluded.logins_30d,
            evaluated_at = excluded.evaluated_at, sync_id = excluded.sync_id,
            seen_revision = assets.seen_revision + $12::boolean::int";
    let sees_again = reconciled.is_some_and(|changes| {
        let is_seen = |finding: &Finding| {
            changes.times_only.contains(&finding.id) && finding.last_seen_at == asset.evaluated_at
        };
        changes.findings.iter().any(is_seen)
    });
    sqlx::query(sql)
        .bind(asset.organisation_id.as_str())
        .bind(asset.id.0)
        .bind(asset.integration_id.0)
        .bind(&asset.tenant_domain)
        .bind(asset.score_basis.as_ref().map(json).transpose()?)
        .bind(asset.coverage_percent.map(i16::from))
        .bind(json(&asset.unknown_checks)?)
        .bind(asset.active_users_30d.map(bigint))
        .bind(asset.logins_30d.map(bigint))
        .bind(to_sql_time(asset.evaluated_at))
        .bind(asset.sync_id.0)
        .bind(sees_again)
        .execute(connection)
        .await?;
    Ok(())
}
