//! Lookups across organisations, because the credential or token determines the organisation.

use domain::CredentialId;
use domain::credential::Credential;
use jiff::Timestamp;

use super::{CredentialRow, credential_columns};
use crate::convert::to_sql_time;
use crate::{CrossOrganisation, Error, SecretHash, Store, TokenHash};

/// A credential with the hash of its secret.
#[derive(Debug, Clone)]
pub struct CredentialWithHash {
    /// Also if expired or revoked.
    pub credential: Credential,
    /// Verified by [`Hashing`](crate::Hashing).
    pub hash: SecretHash,
}

#[derive(sqlx::FromRow)]
struct CredentialWithHashRow {
    #[sqlx(flatten)]
    credential: CredentialRow,
    secret_hash: Vec<u8>,
}

impl Store {
    pub async fn find_credential_for_token(
        &self,
        id: CredentialId,
    ) -> Result<Option<CredentialWithHash>, Error> {
        let sql = concat!(
            "/* store.find_credential_for_token */ select ",
            credential_columns!(),
            ", c.secret_hash from api_credentials c where c.id = $1"
        );
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Authenticating).await?;
        let row: Option<CredentialWithHashRow> =
            sqlx::query_as(sql).bind(id.0).fetch_optional(&mut *tx).await?;
        let Some(row) = row else { return Ok(None) };
        let hash = SecretHash::from_stored(row.secret_hash);
        Ok(Some(CredentialWithHash {
            credential: row.credential.try_into()?,
            hash: hash.ok_or_else(|| Error::corrupt("api_credentials", "secret_hash"))?,
        }))
    }

    /// The active credential of an unexpired token.
    pub async fn find_credential_by_token(
        &self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Credential>, Error> {
        let sql = concat!(
            "/* store.find_credential_by_token */ select ",
            credential_columns!(),
            " from api_tokens t join api_credentials c
                on c.organisation_id = t.organisation_id and c.id = t.credential_id
              where t.hash = $1 and t.expires_at > $2 and c.expires_at > $2
                and c.revoked_at is null"
        );
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Authenticating).await?;
        let row: Option<CredentialRow> = sqlx::query_as(sql)
            .bind(&token.0[..])
            .bind(to_sql_time(now))
            .fetch_optional(&mut *tx)
            .await?;
        row.map(Credential::try_from).transpose()
    }
}
