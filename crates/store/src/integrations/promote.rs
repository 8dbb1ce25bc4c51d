//! Promotes the next secret that Auth0 accepted after it refused the current one: once, whatever the number of
//! replicas, and only if both secrets are still those that were tried.

use domain::history::HistoryEntry;
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use secrecy::SecretString;
use sqlx::PgConnection;

use super::secrets::{SecretOwner, Secrets};
use crate::convert::to_sql_time;
use crate::{AuditEntry, Error, KeyRing, Store, audit, history};

/// The tried secrets, and the records of the promotion.
#[derive(Debug, Clone, Copy)]
pub struct Promotion<'a> {
    pub org: &'a OrganisationId,
    pub id: IntegrationId,
    /// As decrypted before they were tried.
    pub secrets: &'a Secrets,
    pub now: Timestamp,
    /// By `system`.
    pub entry: &'a HistoryEntry,
    /// By `system`.
    pub audit: &'a AuditEntry,
}

impl Store {
    /// Replaces the current secret with the next one, with a new version, a history entry and an audit event. False:
    /// a secret was changed meanwhile, and nothing changed.
    pub async fn promote_next_secret(&self, promotion: Promotion<'_>) -> Result<bool, Error> {
        let mut tx = self.begin_for(promotion.org).await?;
        let is_promoted = promote(&mut tx, self.keys(), &promotion).await?;
        if is_promoted {
            audit::insert(&mut tx, promotion.audit).await?;
            tx.commit().await?;
        }
        Ok(is_promoted)
    }
}

/// The same within the transaction of a change, without the audit event: that comes last, because it blocks every
/// other change of the organisation.
pub(super) async fn promote(
    connection: &mut PgConnection,
    keys: &KeyRing,
    promotion: &Promotion<'_>,
) -> Result<bool, Error> {
    let Some(Ok(next)) = &promotion.secrets.next else { return Ok(false) };
    if !take_place(connection, keys, promotion, next).await? {
        return Ok(false);
    }
    history::insert(connection, promotion.entry).await?;
    Ok(true)
}

async fn take_place(
    connection: &mut PgConnection,
    keys: &KeyRing,
    promotion: &Promotion<'_>,
    next: &SecretString,
) -> Result<bool, Error> {
    let sql = "/* store.promote_next_secret */
        update integrations set
            client_secret_sealed = $5, client_secret_updated_at = $6,
            client_secret_expires_at = next_client_secret_expires_at,
            next_client_secret_sealed = null, next_client_secret_expires_at = null,
            secret_reminded_days = null, updated_at = $6, version = version + 1
        where organisation_id = $1 and id = $2 and deleted_at is null
            and client_secret_sealed = $3 and next_client_secret_sealed = $4";
    let Promotion { org, id, secrets, .. } = *promotion;
    let owner = SecretOwner { organisation: org, id, origin: &secrets.origin };
    let tried = &secrets.sealed;
    let promoted = sqlx::query(sql)
        .bind(org.as_str())
        .bind(id.0)
        .bind(&tried.current)
        .bind(&tried.next)
        .bind(owner.seal_current(keys, next))
        .bind(to_sql_time(promotion.now))
        .execute(connection)
        .await?;
    Ok(promoted.rows_affected() > 0)
}
