//! Encrypts and decrypts the secrets of an integration: the current one, and the next one, which `promote.rs`
//! promotes. Each ciphertext is bound to its column.

use std::fmt;

use domain::history::HistoryEntry;
use domain::integration::Integration;
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgConnection;
use uuid::Uuid;

use super::row::reread;
use super::{IntegrationRow, integration_columns};
use crate::convert::{readable_since, to_sql_time_opt};
use crate::{AuditEntry, Error, KeyRing, SealContext, Store, audit, history};

/// Bound into the ciphertext: renaming the table or a column would make every secret unreadable.
pub(crate) const TABLE: &str = "integrations";
pub(crate) const CURRENT: &str = "client_secret_sealed";
pub(crate) const NEXT: &str = "next_client_secret_sealed";

/// The decrypted secrets of an integration.
#[derive(Debug)]
pub struct Secrets {
    /// `CredentialsUnreadable`: no key decrypts it.
    pub current: Result<SecretString, Error>,
    /// Replaces the current one once Auth0 refuses that.
    pub next: Option<Result<SecretString, Error>>,
    /// None: the user stated none.
    pub next_expires_at: Option<Timestamp>,
    pub(crate) sealed: Sealed,
}

/// Encrypting again gives other bytes, so equal bytes mean an unchanged secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Sealed {
    pub current: Option<Vec<u8>>,
    pub next: Option<Vec<u8>>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").finish_non_exhaustive()
    }
}

impl Secrets {
    pub fn current(&self) -> Result<SecretString, Error> {
        // The only possible error.
        self.current.as_ref().map(Clone::clone).map_err(|_| Error::CredentialsUnreadable)
    }

    pub(crate) fn open(
        keys: &KeyRing,
        id: IntegrationId,
        sealed: Sealed,
        next_expires_at: Option<Timestamp>,
    ) -> Self {
        let current = sealed.current.as_deref().ok_or(Error::CredentialsUnreadable);
        let current = current.and_then(|sealed| open(keys, seal_context(id, CURRENT), sealed));
        let next = sealed.next.as_deref().map(|sealed| open(keys, seal_context(id, NEXT), sealed));
        Self { current, next, next_expires_at, sealed }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct NextSecretPut<'a> {
    pub secret: &'a SecretString,
    /// None: the user stated none.
    pub expires_at: Option<Timestamp>,
}

/// An integration with its encrypted secrets.
#[derive(sqlx::FromRow)]
pub(crate) struct SealedIntegration {
    #[sqlx(flatten)]
    integration: IntegrationRow,
    client_secret_sealed: Option<Vec<u8>>,
    next_client_secret_sealed: Option<Vec<u8>>,
}

impl SealedIntegration {
    pub(crate) fn open(self, keys: &KeyRing) -> Result<(Integration, Secrets), Error> {
        let integration = Integration::try_from(self.integration)?;
        let sealed =
            Sealed { current: self.client_secret_sealed, next: self.next_client_secret_sealed };
        let next_expires_at = integration.next_secret.and_then(|next| next.expires_at);
        let secrets = Secrets::open(keys, integration.id, sealed, next_expires_at);
        Ok((integration, secrets))
    }
}

impl Store {
    /// An integration with its secrets, read together so that the secrets belong to its origin and client. Also if
    /// deleted within the last 90 days; then it has no secrets.
    pub async fn find_with_secrets(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
        now: Timestamp,
    ) -> Result<Option<(Integration, Secrets)>, Error> {
        let sql = concat!(
            "/* store.find_with_secrets */
            select i.client_secret_sealed, i.next_client_secret_sealed, ",
            integration_columns!(),
            " where i.organisation_id = $1 and i.id = $2
                and (i.deleted_at is null or i.deleted_at > $3)"
        );
        let mut tx = self.begin_for(organisation).await?;
        let row: Option<SealedIntegration> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(readable_since(now))
            .fetch_optional(&mut *tx)
            .await?;
        row.map(|row| row.open(self.keys())).transpose()
    }

    /// The current secret. `CredentialsUnreadable` also if the integration is deleted or missing.
    pub async fn open_client_secret(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
    ) -> Result<SecretString, Error> {
        self.open_secrets(organisation, id).await?.current
    }

    /// Both secrets without their integration, so nothing may be sent with them. Public for tests.
    pub async fn open_secrets(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
    ) -> Result<Secrets, Error> {
        type Row = (Option<Vec<u8>>, Option<Vec<u8>>, Option<crate::convert::SqlTimestamp>);
        let sql = "/* store.open_secrets */
            select client_secret_sealed, next_client_secret_sealed, next_client_secret_expires_at
            from integrations where organisation_id = $1 and id = $2";
        let mut tx = self.begin_for(organisation).await?;
        let row: Option<Row> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        let (current, next, expires_at) = row.unwrap_or_default();
        let expires_at = crate::convert::maybe_from_at(expires_at);
        Ok(Secrets::open(self.keys(), id, Sealed { current, next }, expires_at))
    }

    /// Stores a next secret for the origin and client of `of`, replacing an existing one. The version stays. None:
    /// the origin or client changed meanwhile, or the integration is deleted or missing.
    pub async fn put_next_secret(
        &self,
        of: &Integration,
        put: NextSecretPut<'_>,
        entry: &HistoryEntry,
        audited: &AuditEntry,
    ) -> Result<Option<Integration>, Error> {
        let sql = "/* store.put_next_secret */
            update integrations set
                next_client_secret_sealed = $3, next_client_secret_expires_at = $4
            where organisation_id = $1 and id = $2 and deleted_at is null
                and api_identifier = $5 and client_id = $6";
        let mut tx = self.begin_for(&of.organisation_id).await?;
        let done = sqlx::query(sql)
            .bind(of.organisation_id.as_str())
            .bind(of.id.0)
            .bind(seal(self.keys(), seal_context(of.id, NEXT), put.secret))
            .bind(to_sql_time_opt(put.expires_at))
            .bind(of.settings.api_identifier.as_str())
            .bind(&of.settings.client_id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        record_secret_change(&mut tx, entry, audited).await?;
        let integration = reread(&mut tx, &of.organisation_id, of.id).await?;
        tx.commit().await?;
        Ok(Some(integration))
    }

    /// Destroys the next secret. False: there is none, and nothing is recorded.
    pub async fn withdraw_next_secret(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
        entry: &HistoryEntry,
        audited: &AuditEntry,
    ) -> Result<bool, Error> {
        let sql = "/* store.withdraw_next_secret */
            update integrations set
                next_client_secret_sealed = null, next_client_secret_expires_at = null
            where organisation_id = $1 and id = $2 and deleted_at is null
                and next_client_secret_sealed is not null";
        let mut tx = self.begin_for(organisation).await?;
        let withdrawn = sqlx::query(sql).bind(organisation.as_str()).bind(id.0);
        if withdrawn.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        record_secret_change(&mut tx, entry, audited).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn record_secret_change(
    connection: &mut PgConnection,
    entry: &HistoryEntry,
    audited: &AuditEntry,
) -> Result<(), Error> {
    history::insert(connection, entry).await?;
    audit::insert(connection, audited).await
}

fn open(keys: &KeyRing, place: SealContext, sealed: &[u8]) -> Result<SecretString, Error> {
    let plain = keys.open(place, sealed).map_err(|why| {
        let SealContext { row, column, .. } = place;
        tracing::error!(integration_id = %row, column, %why, "client secret cannot be decrypted");
        Error::CredentialsUnreadable
    })?;
    let text = std::str::from_utf8(&plain).map_err(|_| Error::CredentialsUnreadable)?;
    Ok(SecretString::from(text))
}

pub(super) fn seal_current(keys: &KeyRing, id: IntegrationId, secret: &SecretString) -> Vec<u8> {
    seal(keys, seal_context(id, CURRENT), secret)
}

fn seal(keys: &KeyRing, place: SealContext, secret: &SecretString) -> Vec<u8> {
    keys.seal(place, secret.expose_secret().as_bytes())
}

fn seal_context(id: IntegrationId, column: &'static str) -> SealContext {
    let row: Uuid = id.0;
    SealContext { table: TABLE, row, column }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::ZeroizeOnDrop;

    /// Holds whatever is opened to types that wipe themselves: another type does not compile.
    fn is_wiped_when_dropped<T: ZeroizeOnDrop>(_: &T) {}

    #[test]
    fn decrypted_secrets_are_wiped_on_drop() {
        let (keys, _) = KeyRing::generate("test");
        let id = IntegrationId(Uuid::nil());
        let sealed = |column| keys.seal(seal_context(id, column), b"s3cret");
        is_wiped_when_dropped(&keys.open(seal_context(id, CURRENT), &sealed(CURRENT)).unwrap());
        let sealed = Sealed { current: Some(sealed(CURRENT)), next: Some(sealed(NEXT)) };
        let secrets = Secrets::open(&keys, id, sealed, None);
        is_wiped_when_dropped(&secrets.current().unwrap());
        let next = secrets.next.unwrap().unwrap();
        is_wiped_when_dropped(&next);
        assert_eq!(next.expose_secret(), "s3cret");
    }
}
