//! Records of successful syncs: the score row, and the evaluation, which is stored once for all syncs with the same
//! one. Retention is in `retention.rs`.

mod keep;
mod row;

pub use keep::NewEvaluation;
pub(crate) use keep::insert;
pub(crate) use row::read;

use domain::readings::ReadingKind;
use domain::recorded_evaluation::{RecordedEvaluation, Results};
use domain::sync::CheckCounts;
use domain::{AssetId, IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;

use crate::convert::{readable_since, to_sql_time_opt};
use crate::{Error, Page, PageQuery, SeverityCounts, Store};
use row::{JudgedRow, ScoreRow, judged_columns, outlined_columns, score_columns};

/// One row of the score history.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncScore {
    pub sync_id: SyncId,
    pub integration_id: IntegrationId,
    pub asset_id: AssetId,
    /// When the tenant was read.
    pub observed_at: Timestamp,
    /// 0 to 100, with the acceptances in force then. None: nothing was evaluated.
    pub score: Option<u8>,
    pub coverage_percent: Option<u8>,
    /// Open findings then, without the accepted ones.
    pub findings: SeverityCounts,
    /// Accepted findings then.
    pub accepted: u32,
    pub checks: CheckCounts,
    /// None: older than policies.
    pub policy_version: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct JudgedSync {
    pub score: SyncScore,
    /// None: no longer stored.
    pub judgement: Option<RecordedEvaluation>,
}

/// `from` is inclusive, `to` exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl Store {
    /// The latest successful sync of an integration. Its evaluation never expires.
    pub async fn latest_judgement(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
    ) -> Result<Option<JudgedSync>, Error> {
        let sql = concat!(
            "/* store.latest_judgement */ select ",
            judged_columns!(),
            " where s.organisation_id = $1 and s.integration_id = $2
              order by s.observed_at desc, s.sync_id desc limit 1"
        );
        let query = sqlx::query_as(sql).bind(organisation.as_str()).bind(integration_id.0);
        self.find_judged(organisation, query).await
    }

    /// Only its results. None: no sync has succeeded yet.
    pub async fn latest_results(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
    ) -> Result<Option<Results>, Error> {
        let sql = "/* store.latest_results */ select j.results::text
            from sync_scores s join judgements j on j.organisation_id = s.organisation_id
                and j.integration_id = s.integration_id and j.digest = s.digest
            where s.organisation_id = $1 and s.integration_id = $2
            order by s.observed_at desc, s.sync_id desc limit 1";
        let query = sqlx::query_scalar::<_, String>(sql);
        let query = query.bind(organisation.as_str()).bind(integration_id.0);
        let mut tx = self.begin_for(organisation).await?;
        let text = query.fetch_optional(&mut *tx).await?;
        drop(tx);
        match text {
            Some(text) => row::read_results(text).await.map(Some),
            None => Ok(None),
        }
    }

    /// The same without the large parts: the snapshot has only the token facts, and the results have no resources.
    pub async fn latest_evaluation_summary(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
    ) -> Result<Option<JudgedSync>, Error> {
        let sql = concat!(
            "/* store.outline_latest_judgement */ select ",
            outlined_columns!(),
            " where s.organisation_id = $1 and s.integration_id = $2
              order by s.observed_at desc, s.sync_id desc limit 1"
        );
        let query = sqlx::query_as(sql).bind(organisation.as_str()).bind(integration_id.0);
        self.find_judged(organisation, query.bind(ReadingKind::TokenFacts.name())).await
    }

    pub async fn find_judgement(
        &self,
        organisation: &OrganisationId,
        sync_id: SyncId,
    ) -> Result<Option<JudgedSync>, Error> {
        let sql = concat!(
            "/* store.find_judgement */ select ",
            judged_columns!(),
            " where s.organisation_id = $1 and s.sync_id = $2"
        );
        let query = sqlx::query_as(sql).bind(organisation.as_str()).bind(sync_id.0);
        self.find_judged(organisation, query).await
    }

    async fn find_judged(
        &self,
        organisation: &OrganisationId,
        query: QueryAs<'_, Postgres, JudgedRow, PgArguments>,
    ) -> Result<Option<JudgedSync>, Error> {
        let mut tx = self.begin_for(organisation).await?;
        let row = query.fetch_optional(&mut *tx).await?;
        // Parsing a large one takes time and needs no connection.
        drop(tx);
        match row {
            Some(row) => row.read().await.map(Some),
            None => Ok(None),
        }
    }

    /// The score history of an asset, newest first.
    pub async fn list_scores(
        &self,
        organisation: &OrganisationId,
        asset_id: AssetId,
        period: Period,
        slice: PageQuery<SyncId>,
        now: Timestamp,
    ) -> Result<Page<SyncScore>, Error> {
        let sql = concat!(
            "/* store.list_scores */ select ",
            score_columns!(),
            " from sync_scores s join integrations i
                on i.organisation_id = s.organisation_id and i.id = s.integration_id
              where s.organisation_id = $1 and s.asset_id = $2
                and (i.deleted_at is null or i.deleted_at > $3)
                and ($4::timestamptz is null or s.observed_at >= $4)
                and ($5::timestamptz is null or s.observed_at < $5)
                and ($6::uuid is null or (s.observed_at, s.sync_id) < (
                    select last.observed_at, last.sync_id from sync_scores last
                    where last.organisation_id = $1 and last.sync_id = $6))
              order by s.observed_at desc, s.sync_id desc limit $7"
        );
        let query = sqlx::query_as::<_, ScoreRow>(sql)
            .bind(organisation.as_str())
            .bind(asset_id.0)
            .bind(readable_since(now))
            .bind(to_sql_time_opt(period.from))
            .bind(to_sql_time_opt(period.to))
            .bind(slice.after.map(|id| id.0))
            .bind(slice.limit_plus_one());
        self.find_page(organisation, query, slice.limit).await
    }
}
