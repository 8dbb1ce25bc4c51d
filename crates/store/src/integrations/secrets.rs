//! Encrypts and decrypts the secrets of an integration: the current one, and the next one, which `promote.rs`
//! promotes. Each ciphertext is bound to its column, and to the organisation and origin of its integration.

use std::fmt;

use domain::history::HistoryEntry;
use domain::integration::Integration;
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgConnection;

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
    /// The API Identifier that both are bound to.
    pub(super) origin: String,
}

/// What the ciphertexts of an integration are bound to, beside their columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecretOwner<'a> {
    pub organisation: &'a OrganisationId,
    pub id: IntegrationId,
    /// The API Identifier, where the secrets are sent.
    pub origin: &'a str,
}

impl<'a> From<&'a Integration> for SecretOwner<'a> {
    fn from(of: &'a Integration) -> Self {
        let origin = of.settings.api_identifier.as_str();
        Self { organisation: &of.organisation_id, id: of.id, origin }
    }
}

impl<'a> SecretOwner<'a> {
    pub fn seal_current(self, keys: &KeyRing, secret: &SecretString) -> Vec<u8> {
        self.seal(keys, CURRENT, secret)
    }

    fn seal(self, keys: &KeyRing, column: &'static str, secret: &SecretString) -> Vec<u8> {
        keys.seal(self.context(column), secret.expose_secret().as_bytes())
    }

    fn open(
        self,
        keys: &KeyRing,
        column: &'static str,
        sealed: &[u8],
    ) -> Result<SecretString, Error> {
        let plain = keys.open(self.context(column), sealed).map_err(|why| {
            tracing::error!(integration_id = %self.id.0, column, %why, "client secret cannot be decrypted");
            Error::CredentialsUnreadable
        })?;
        let text = std::str::from_utf8(&plain).map_err(|_| Error::CredentialsUnreadable)?;
        Ok(SecretString::from(text))
    }

    fn context(self, column: &'static str) -> SealContext<'a> {
        let (organisation, origin) = (self.organisation.as_str(), self.origin);
        SealContext { table: TABLE, row: self.id.0, column, organisation, origin }
    }
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

    fn open(
        keys: &KeyRing,
        owner: SecretOwner<'_>,
        sealed: Sealed,
        next_expires_at: Option<Timestamp>,
    ) -> Self {
        let current = sealed.current.as_deref().ok_or(Error::CredentialsUnreadable);
        let current = current.and_then(|sealed| owner.open(keys, CURRENT, sealed));
        let next = sealed.next.as_deref().map(|sealed| owner.open(keys, NEXT, sealed));
        Self { current, next, next_expires_at, sealed, origin: owner.origin.to_owned() }
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
        let secrets = Secrets::open(keys, (&integration).into(), sealed, next_expires_at);
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
        type Row = (String, Option<Vec<u8>>, Option<Vec<u8>>, Option<crate::convert::SqlTimestamp>);
        let sql = "/* store.open_secrets */
            select api_identifier, client_secret_sealed, next_client_secret_sealed,
                next_client_secret_expires_at
            from integrations where organisation_id = $1 and id = $2";
        let mut tx = self.begin_for(organisation).await?;
        let row: Option<Row> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        let (origin, current, next, expires_at) = row.unwrap_or_default();
        let expires_at = crate::convert::maybe_from_at(expires_at);
        let owner = SecretOwner { organisation, id, origin: &origin };
        Ok(Secrets::open(self.keys(), owner, Sealed { current, next }, expires_at))
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
            .bind(SecretOwner::from(of).seal(self.keys(), NEXT, put.secret))
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

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::ZeroizeOnDrop;

    /// Holds whatever is opened to types that wipe themselves: another type does not compile.
    fn is_wiped_when_dropped<T: ZeroizeOnDrop>(_: &T) {}

    #[test]
    fn decrypted_secrets_are_wiped_on_drop() {
        let (keys, _) = KeyRing::generate("test");
        let organisation = OrganisationId::parse("acme").unwrap();
        let (id, origin) = (IntegrationId(uuid::Uuid::nil()), "https://acme.eu.auth0.com/api/v2/");
        let owner = SecretOwner { organisation: &organisation, id, origin };
        let sealed = |column| keys.seal(owner.context(column), b"s3cret");
        is_wiped_when_dropped(&keys.open(owner.context(CURRENT), &sealed(CURRENT)).unwrap());
        let sealed = Sealed { current: Some(sealed(CURRENT)), next: Some(sealed(NEXT)) };
        let secrets = Secrets::open(&keys, owner, sealed, None);
        is_wiped_when_dropped(&secrets.current().unwrap());
        let next = secrets.next.unwrap().unwrap();
        is_wiped_when_dropped(&next);
        assert_eq!(next.expose_secret(), "s3cret");
    }
}
