//! Access tokens of API credentials.

use domain::credential::Credential;
use jiff::Timestamp;

use crate::convert::to_sql_time;
use crate::{AuditEntry, Error, Store, TokenHash, audit};

/// Maximum number of tokens of one credential; the oldest are deleted.
const TOKENS_MAX: i64 = 100;

impl Store {
    /// Inserts a token with the audit event. False: the credential was revoked meanwhile.
    pub async fn insert_token(
        &self,
        credential: &Credential,
        token: &TokenHash,
        expires_at: Timestamp,
        now: Timestamp,
        audited: &AuditEntry,
    ) -> Result<bool, Error> {
        let (org, id) = (credential.organisation_id.as_str(), credential.id.0);
        let mut tx = self.begin_for(&credential.organisation_id).await?;
        // Locks the credential against a concurrent revocation or token.
        let sql = "/* store.insert_token: credential */
            update api_credentials set last_used_at = greatest(last_used_at, $3)
            where organisation_id = $1 and id = $2 and revoked_at is null";
        let used =
            sqlx::query(sql).bind(org).bind(id).bind(to_sql_time(now)).execute(&mut *tx).await?;
        if used.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "/* store.insert_token: room */
            delete from api_tokens where organisation_id = $1 and credential_id = $2
                and hash not in (
                    select hash from api_tokens
                    where organisation_id = $1 and credential_id = $2 and expires_at > $3
                    order by issued_at desc, hash limit $4
                )";
        sqlx::query(sql)
            .bind(org)
            .bind(id)
            .bind(to_sql_time(now))
            .bind(TOKENS_MAX - 1)
            .execute(&mut *tx)
            .await?;
        let sql = "/* store.insert_token */
            insert into api_tokens
                (organisation_id, hash, credential_id, subject, issued_at, expires_at)
            values ($1, $2, $3, $4, $5, $6)";
        sqlx::query(sql)
            .bind(org)
            .bind(&token.0[..])
            .bind(id)
            .bind(credential.subject())
            .bind(to_sql_time(now))
            .bind(to_sql_time(expires_at))
            .execute(&mut *tx)
            .await?;
        audit::insert(&mut tx, audited).await?;
        tx.commit().await?;
        Ok(true)
    }
}
