//! API credentials. Hashes of secrets are in `secret_hash.rs`, tokens in `tokens.rs`, and lookups across
//! organisations in `lookup.rs`.

mod lookup;
mod tokens;

pub use lookup::CredentialWithHash;

use domain::credential::{ACTIVE_MAX, Credential, Role};
use domain::{CredentialId, OrganisationId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, organisation, text, to_sql_time};
use crate::{AuditEntry, Error, Page, PageQuery, SecretHash, Store, audit};

/// The columns of [`CredentialRow`], from the table `c`.
macro_rules! credential_columns {
    () => {
        "c.organisation_id, c.id, c.name, c.role, c.created_at, c.created_by, c.expires_at,
         c.last_used_at, c.revoked_at"
    };
}
use credential_columns;

impl Store {
    /// Inserts a credential with the hash of its secret and the audit event. False: the organisation has reached the
    /// maximum of active credentials, and nothing was inserted.
    pub async fn insert_credential(
        &self,
        credential: &Credential,
        hash: &SecretHash,
        audited: &AuditEntry,
    ) -> Result<bool, Error> {
        let org = credential.organisation_id.as_str();
        let mut tx = self.begin_for(&credential.organisation_id).await?;
        // One insert at a time in each organisation, so that two cannot exceed the maximum together.
        let lock = "/* store.insert_credential: lock */
            select pg_advisory_xact_lock(hashtextextended('api_credentials:' || $1, 0))";
        sqlx::query(lock).bind(org).execute(&mut *tx).await?;
        let sql = "/* store.insert_credential */
            insert into api_credentials
                (organisation_id, id, name, role, secret_hash, created_at, created_by, expires_at)
            select $1, $2, $3, $4, $5, $6, $7, $8
            where (
                select count(*) from api_credentials
                where organisation_id = $1 and revoked_at is null and expires_at > $6
            ) < $9";
        let inserted = sqlx::query(sql)
            .bind(org)
            .bind(credential.id.0)
            .bind(text(&credential.name))
            .bind(credential.role.name())
            .bind(hash.as_bytes())
            .bind(to_sql_time(credential.created_at))
            .bind(text(&credential.created_by))
            .bind(to_sql_time(credential.expires_at))
            .bind(i64::from(ACTIVE_MAX))
            .execute(&mut *tx)
            .await?;
        if inserted.rows_affected() == 0 {
            return Ok(false);
        }
        audit::insert(&mut tx, audited).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Also if expired or revoked.
    pub async fn find_credential(
        &self,
        organisation: &OrganisationId,
        id: CredentialId,
    ) -> Result<Option<Credential>, Error> {
        let sql = concat!(
            "/* store.find_credential */ select ",
            credential_columns!(),
            " from api_credentials c where c.organisation_id = $1 and c.id = $2"
        );
        let query = sqlx::query_as::<_, CredentialRow>(sql).bind(organisation.as_str()).bind(id.0);
        self.find(organisation, query).await
    }

    /// Oldest first; expired and revoked ones until they are purged.
    pub async fn list_credentials(
        &self,
        organisation: &OrganisationId,
        slice: PageQuery<CredentialId>,
    ) -> Result<Page<Credential>, Error> {
        let sql = concat!(
            "/* store.list_credentials */ select ",
            credential_columns!(),
            " from api_credentials c
              where c.organisation_id = $1 and c.id > $2
              order by c.id limit $3"
        );
        let query = sqlx::query_as::<_, CredentialRow>(sql)
            .bind(organisation.as_str())
            .bind(slice.after.map_or(Uuid::nil(), |id| id.0))
            .bind(slice.limit_plus_one());
        self.find_page(organisation, query, slice.limit).await
    }

    /// Revokes a credential and deletes its tokens. True also if it was already revoked, which changes nothing.
    /// False: it does not exist.
    pub async fn revoke_credential(
        &self,
        organisation: &OrganisationId,
        id: CredentialId,
        now: Timestamp,
        audited: &AuditEntry,
    ) -> Result<bool, Error> {
        let mut tx = self.begin_for(organisation).await?;
        let sql = "/* store.revoke_credential */
            update api_credentials set revoked_at = $3
            where organisation_id = $1 and id = $2 and revoked_at is null";
        let revoked = sqlx::query(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(to_sql_time(now))
            .execute(&mut *tx)
            .await?;
        if revoked.rows_affected() == 0 {
            // Release the connection first: a caller that waits for a second one while holding a connection can
            // exhaust the pool.
            drop(tx);
            return Ok(self.find_credential(organisation, id).await?.is_some());
        }
        let sql = "/* store.revoke_credential: tokens */
            delete from api_tokens where organisation_id = $1 and credential_id = $2";
        sqlx::query(sql).bind(organisation.as_str()).bind(id.0).execute(&mut *tx).await?;
        audit::insert(&mut tx, audited).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    organisation_id: String,
    id: Uuid,
    name: String,
    role: String,
    created_at: SqlTimestamp,
    created_by: String,
    expires_at: SqlTimestamp,
    last_used_at: Option<SqlTimestamp>,
    revoked_at: Option<SqlTimestamp>,
}

impl TryFrom<CredentialRow> for Credential {
    type Error = Error;

    fn try_from(row: CredentialRow) -> Result<Self, Error> {
        let role = Role::from_name(&row.role);
        Ok(Self {
            organisation_id: organisation(&row.organisation_id, "api_credentials")?,
            id: CredentialId(row.id),
            name: row.name,
            role: role.ok_or_else(|| Error::corrupt("api_credentials", "role"))?,
            created_at: from_sql_time(row.created_at),
            created_by: row.created_by,
            expires_at: from_sql_time(row.expires_at),
            last_used_at: maybe_from_at(row.last_used_at),
            revoked_at: maybe_from_at(row.revoked_at),
        })
    }
}
