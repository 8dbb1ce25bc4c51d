//! The policies of organisations: one each, replaced as a whole with optimistic concurrency. A policy that was never
//! set has version 0 and is empty.

use domain::OrganisationId;
use domain::policy::Policy;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::FromRow;

use crate::convert::{SqlTimestamp, from_sql_time, json, text, to_sql_time};
use crate::{AuditEntry, Error, Store, audit};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredPolicy {
    /// 0: never set.
    pub version: i64,
    pub policy: Policy,
    pub updated_at: Option<Timestamp>,
    /// E-mail address of the user.
    pub updated_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutPolicyOutcome {
    /// Stored, with the next version.
    Done(StoredPolicy),
    /// Another request changed it first; nothing changed.
    VersionMoved,
}

#[derive(FromRow)]
pub(crate) struct PolicyRow {
    pub(crate) version: i64,
    pub(crate) policy: Value,
    pub(crate) updated_at: SqlTimestamp,
    pub(crate) updated_by: String,
}

impl Store {
    pub async fn get_policy(&self, organisation: &OrganisationId) -> Result<StoredPolicy, Error> {
        let sql = "/* store.get_policy */
            select version, policy, updated_at, updated_by from policies
            where organisation_id = $1";
        let mut tx = self.begin_for(organisation).await?;
        let row: Option<PolicyRow> =
            sqlx::query_as(sql).bind(organisation.as_str()).fetch_optional(&mut *tx).await?;
        row.map_or(Ok(StoredPolicy::default()), StoredPolicy::try_from)
    }

    /// Replaces the policy of this version.
    pub async fn put_policy(
        &self,
        organisation: &OrganisationId,
        expected_version: i64,
        policy: &Policy,
        audited: &AuditEntry,
    ) -> Result<PutPolicyOutcome, Error> {
        let mut tx = self.begin_for(organisation).await?;
        // Rows are never deleted, so an insert creates version 1.
        let sql = "/* store.put_policy */
            insert into policies (organisation_id, version, policy, updated_at, updated_by)
            values ($1, $2 + 1, $3, $4, $5)
            on conflict (organisation_id) do update set version = excluded.version,
                policy = excluded.policy, updated_at = excluded.updated_at,
                updated_by = excluded.updated_by
            where policies.version = $2
            returning version, policy, updated_at, updated_by";
        let row: Option<PolicyRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(expected_version)
            .bind(json(policy)?)
            .bind(to_sql_time(audited.at))
            .bind(text(&audited.actor_email))
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(PutPolicyOutcome::VersionMoved) };
        audit::insert(&mut tx, audited).await?;
        tx.commit().await?;
        Ok(PutPolicyOutcome::Done(row.try_into()?))
    }
}

impl TryFrom<PolicyRow> for StoredPolicy {
    type Error = Error;

    fn try_from(row: PolicyRow) -> Result<Self, Error> {
        let policy = serde_json::from_value(row.policy);
        Ok(Self {
            version: row.version,
            policy: policy.map_err(|_| Error::corrupt("policies", "policy"))?,
            updated_at: Some(from_sql_time(row.updated_at)),
            updated_by: Some(row.updated_by),
        })
    }
}
