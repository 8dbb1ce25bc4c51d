//! Everything that a sync compares a tenant with, read in one transaction.

use domain::finding::Finding;
use domain::policy::Policy;
use domain::reconcile::TimesOfAsset;
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use crate::assets::{AssetRow, asset_columns};
use crate::convert::to_sql_time;
use crate::policies::PolicyRow;
use crate::{Asset, Error, Store, StoredPolicy, findings, judgements};

#[derive(Debug)]
pub struct EvaluationInputs {
    pub policy: StoredPolicy,
    /// The policy of the latest successful sync; none before the first.
    pub former_policy: Option<Policy>,
    /// Open and resolved.
    pub findings: Vec<Finding>,
    pub of_asset: TimesOfAsset,
    pub asset: Option<Asset>,
    /// Whether acceptances of these findings have expired and are not recorded as such yet.
    pub has_expired_acceptances: bool,
}

struct InputsRow {
    policy: Option<PolicyRow>,
    former_policy: Option<Value>,
    has_expired_acceptances: bool,
    asset: Option<AssetRow>,
}

impl FromRow<'_, PgRow> for InputsRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let has_policy: bool = row.try_get("has_policy")?;
        let has_asset: bool = row.try_get("has_asset")?;
        Ok(Self {
            policy: has_policy.then(|| PolicyRow::from_row(row)).transpose()?,
            former_policy: row.try_get("former_policy")?,
            has_expired_acceptances: row.try_get("has_expired_acceptances")?,
            asset: has_asset.then(|| AssetRow::from_row(row)).transpose()?,
        })
    }
}

impl Store {
    pub async fn evaluation_inputs(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
        now: Timestamp,
    ) -> Result<EvaluationInputs, Error> {
        let mut tx = self.begin_snapshot_for(organisation).await?;
        // The findings are then read by a plan for the size of the integration.
        let sql = concat!(
            "/* store.evaluation_inputs */
            select set_config('plan_cache_mode', 'force_custom_plan', true),
                p.version is not null as has_policy, p.version, p.policy, p.updated_at, p.updated_by,
                former.policy as former_policy, a.id is not null as has_asset, ",
            asset_columns!(),
            ", exists (
                select from findings f where f.organisation_id = $1 and f.integration_id = $2
                    and f.accepted_at is not null and f.acceptance_expires_at <= $3
            ) as has_expired_acceptances
            from (values ($1, $2)) given (organisation_id, integration_id)
            left join policies p on p.organisation_id = given.organisation_id
            left join assets a on a.organisation_id = given.organisation_id
                and a.integration_id = given.integration_id
            left join lateral (
                select j.policy from sync_scores s join judgements j
                    on j.organisation_id = s.organisation_id and j.integration_id = s.integration_id
                    and j.digest = s.digest
                where s.organisation_id = given.organisation_id and s.integration_id = given.integration_id
                order by s.observed_at desc, s.sync_id desc limit 1
            ) former on true"
        );
        let row: InputsRow = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(integration_id.0)
            .bind(to_sql_time(now))
            .fetch_one(&mut *tx)
            .await?;
        let (findings, of_asset) =
            findings::of_integration(&mut tx, organisation, integration_id).await?;
        let former_policy =
            row.former_policy.map(|policy| judgements::read(policy, "judgements", "policy"));
        let policy = row.policy.map(StoredPolicy::try_from).transpose()?.unwrap_or_default();
        Ok(EvaluationInputs {
            policy,
            former_policy: former_policy.transpose()?,
            findings,
            of_asset,
            asset: row.asset.map(Asset::try_from).transpose()?,
            has_expired_acceptances: row.has_expired_acceptances,
        })
    }
}
