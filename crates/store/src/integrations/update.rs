//! Updates the settings of an integration, with optimistic concurrency on the version.

use std::borrow::Cow;

use domain::history::HistoryEntry;
use domain::integration::{Integration, Settings};
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use sqlx::PgConnection;

use super::promote::{Promotion, promote};
use super::row::reread;
use super::secrets::SecretOwner;
use crate::convert::{json, to_sql_time, to_sql_time_opt};
use crate::sync_cancellation::{CancelTarget, cancel};
use crate::{AuditEntry, Error, Store, audit, history};

#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    pub org: &'a OrganisationId,
    pub id: IntegrationId,
    /// The version that was changed; otherwise [`UpdateOutcome::VersionMoved`].
    pub expected_version: i64,
    /// All settings, including unchanged ones.
    pub settings: &'a Settings,
    /// None: the secret stays.
    pub new_secret: Option<&'a SecretString>,
    /// Set if the test needed the next secret, which is then promoted in the same transaction.
    pub promotion: Option<&'a Promotion<'a>>,
    /// By the new settings. None: manual or disabled. Used if `is_rescheduled`, or if no sync is scheduled because
    /// the integration was paused.
    pub next_sync_at: Option<Timestamp>,
    /// Whether the schedule changed.
    pub is_rescheduled: bool,
    pub now: Timestamp,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for each request, and taken apart at once"
)]
pub enum UpdateOutcome {
    /// Stored, with the next version.
    Done(Integration),
    /// Another request changed it first; nothing changed.
    VersionMoved,
    /// A secret changed since the test; nothing changed.
    SecretsMoved,
    /// Missing or deleted.
    Missing,
}

impl Store {
    /// Stores a change with its history entry and audit event. A new secret drops the next one, which was to follow
    /// the old one. Another origin or client needs a new secret. The change resumes a paused integration; disabling
    /// cancels its syncs; the asset is renamed at once.
    pub async fn update_integration(
        &self,
        update: Update<'_>,
        entry: &HistoryEntry,
        audited: &AuditEntry,
    ) -> Result<UpdateOutcome, Error> {
        let outcome = self.try_update_integration(&update, entry, audited).await;
        self.naming_the_taker(outcome, update.into()).await
    }

    async fn try_update_integration(
        &self,
        update: &Update<'_>,
        entry: &HistoryEntry,
        audited: &AuditEntry,
    ) -> Result<UpdateOutcome, Error> {
        let origin = update.settings.api_identifier.as_str();
        let owner = SecretOwner { organisation: update.org, id: update.id, origin };
        let sealed = update.new_secret.map(|new| owner.seal_current(self.keys(), new));
        let mut tx = self.begin_for(update.org).await?;
        let sql = "/* store.update_integration: lock */
            select version, next_client_secret_sealed is not null,
                api_identifier <> $3 or client_id <> $4
            from integrations
            where organisation_id = $1 and id = $2 and deleted_at is null for no key update";
        let found: Option<(i64, bool, bool)> = sqlx::query_as(sql)
            .bind(update.org.as_str())
            .bind(update.id.0)
            .bind(origin)
            .bind(&update.settings.client_id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some((version, has_next, is_moved)) = found else { return Ok(UpdateOutcome::Missing) };
        if version != update.expected_version {
            return Ok(UpdateOutcome::VersionMoved);
        }
        if is_moved && sealed.is_none() {
            return Err(Error::other("a secret stays with its origin and client"));
        }
        let drops_next = has_next && sealed.is_some();
        if let Some(promotion) = update.promotion
            && !promote(&mut tx, self.keys(), promotion).await?
        {
            return Ok(UpdateOutcome::SecretsMoved);
        }
        write(&mut tx, update, sealed).await?;
        if !update.settings.enabled {
            let why = format!("Cancelled: {} disabled the integration.", audited.actor_email);
            cancel(&mut tx, update.org, &CancelTarget::Integration(update.id), update.now, &why)
                .await?;
        }
        history::insert(&mut tx, &with_next_secret_notice(entry, drops_next)).await?;
        if let Some(promotion) = update.promotion {
            audit::insert(&mut tx, promotion.audit).await?;
        }
        audit::insert(&mut tx, audited).await?;
        let integration = reread(&mut tx, update.org, update.id).await?;
        tx.commit().await?;
        Ok(UpdateOutcome::Done(integration))
    }
}

/// Whether a next secret is dropped is only known here: storing one does not change the version.
fn with_next_secret_notice(entry: &HistoryEntry, drops_next: bool) -> Cow<'_, HistoryEntry> {
    let mut entry = Cow::Borrowed(entry);
    if drops_next
        && let Some(Value::Array(changed)) = entry.to_mut().details.get_mut(CHANGED_FIELDS)
    {
        changed.push("next_secret".into());
    }
    entry
}

/// Member of a history entry's details: the names of the changed fields.
const CHANGED_FIELDS: &str = "changed_fields";

async fn write(
    connection: &mut PgConnection,
    update: &Update<'_>,
    sealed: Option<Vec<u8>>,
) -> Result<(), Error> {
    let sql = "/* store.update_integration */
        with renamed as (
            update assets set name = $8 where organisation_id = $1 and integration_id = $2
        )
        update integrations set
            name = $3, api_identifier = $4, api_audience = $5, tenant_domain = $6, client_id = $7,
            asset_name = $8, auto_sync_frequency = $9, client_secret_expires_at = $10,
            enabled = $11, client_secret_sealed = coalesce($12, client_secret_sealed),
            client_secret_updated_at =
                case when $12 is null then client_secret_updated_at else $14 end,
            secret_reminded_days = case
                when $12 is null and client_secret_expires_at is not distinct from $10
                then secret_reminded_days end,
            next_client_secret_sealed = case when $12 is null then next_client_secret_sealed end,
            next_client_secret_expires_at =
                case when $12 is null then next_client_secret_expires_at end,
            asset_name_key = case when asset_name = $8 then asset_name_key else $16 end,
            next_sync_at =
                case when $15 then $13 else coalesce(next_sync_at, $13) end, updated_at = $14, version = version + 1, paused_at = null,
            failing_since = null, failing_warned_at = null
        where organisation_id = $1 and id = $2";
    let settings = update.settings;
    sqlx::query(sql)
        .bind(update.org.as_str())
        .bind(update.id.0)
        .bind(&settings.name)
        .bind(settings.api_identifier.as_str())
        .bind(settings.api_audience.as_str())
        .bind(settings.api_audience.domain())
        .bind(&settings.client_id)
        .bind(&settings.asset_name)
        .bind(json(&settings.auto_sync_frequency.to_json())?)
        .bind(to_sql_time_opt(settings.client_secret_expires_at))
        .bind(settings.enabled)
        .bind(sealed)
        .bind(to_sql_time_opt(update.next_sync_at))
        .bind(to_sql_time(update.now))
        .bind(update.is_rescheduled)
        .bind(settings.asset_name_key())
        .execute(connection)
        .await?;
    Ok(())
}
