//! Everything that a sync compares a tenant with, read in one transaction.

use domain::finding::Finding;
use domain::policy::Policy;
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use serde_json::Value;

use crate::convert::{SqlTimestamp, to_sql_time};
use crate::policies::PolicyRow;
use crate::{Asset, Error, Store, StoredPolicy, assets, findings, judgements};

#[derive(Debug)]
pub struct EvaluationInputs {
    pub policy: StoredPolicy,
    /// The policy of the latest successful sync; none before the first.
    pub former_policy: Option<Policy>,
    /// Open and resolved.
    pub findings: Vec<Finding>,
    pub asset: Option<Asset>,
    /// Whether acceptances of these findings have expired and are not recorded as such yet.
    pub has_expired_acceptances: bool,
}

#[derive(sqlx::FromRow)]
struct PoliciesRow {
    version: Option<i64>,
    policy: Option<Value>,
    updated_at: Option<SqlTimestamp>,
    updated_by: Option<String>,
    former_policy: Option<Value>,
    has_expired_acceptances: bool,
}

impl Store {
    pub async fn evaluation_inputs(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
        now: Timestamp,
    ) -> Result<EvaluationInputs, Error> {
        let mut tx = self.begin_snapshot_for(organisation).await?;
        let sql = "/* store.evaluation_inputs */
            select p.version, p.policy, p.updated_at, p.updated_by, former.policy as former_policy, exists (
                select from findings f where f.organisation_id = $1 and f.integration_id = $2
                    and f.accepted_at is not null and f.acceptance_expires_at <= $3
            ) as has_expired_acceptances
            from (values ($1)) of (organisation_id) left join policies p using (organisation_id)
            left join lateral (
                select j.policy from sync_scores s join judgements j
                    on j.organisation_id = s.organisation_id and j.integration_id = s.integration_id
                    and j.digest = s.digest
                where s.organisation_id = of.organisation_id and s.integration_id = $2
                order by s.observed_at desc, s.sync_id desc limit 1
            ) former on true";
        let row: PoliciesRow = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(integration_id.0)
            .bind(to_sql_time(now))
            .fetch_one(&mut *tx)
            .await?;
        let findings = findings::of_integration(&mut tx, organisation, integration_id).await?;
        let asset = assets::of_integration(&mut tx, organisation, integration_id).await?;
        let former_policy =
            row.former_policy.map(|policy| judgements::read(policy, "judgements", "policy"));
        let policy = match (row.version, row.policy, row.updated_at, row.updated_by) {
            (Some(version), Some(policy), Some(updated_at), Some(updated_by)) => {
                PolicyRow { version, policy, updated_at, updated_by }.try_into()?
            }
            _ => StoredPolicy::default(),
        };
        Ok(EvaluationInputs {
            policy,
            former_policy: former_policy.transpose()?,
            findings,
            asset,
            has_expired_acceptances: row.has_expired_acceptances,
        })
    }
}
