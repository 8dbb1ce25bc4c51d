//! Idempotency: the first response to a request with an `Idempotency-Key` is stored for 24 hours and replayed.

use domain::OrganisationId;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

use crate::convert::{SqlTimestamp, json, to_sql_time};
use crate::{Error, Store};

const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Maximum number of stored keys of one caller.
const KEPT_MAX: i64 = 10_000;

/// What a key is unique within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyScope {
    pub org: OrganisationId,
    /// The `sub` of the caller's token.
    pub subject: String,
    pub method: String,
    pub path: String,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    pub status: u16,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// State of a key at the start of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// New, and now locked: run the request, then finish or abandon it.
    Fresh,
    /// The stored response.
    Replay(StoredAnswer),
    /// Used before with another body.
    OtherBody,
    /// The first request is still running.
    Running,
    /// New, and the caller has reached the maximum.
    TooMany,
}

impl Store {
    /// Locks the key, or says why not. A request that is neither finished nor abandoned within `lock_for` is
    /// considered dead: a request with the same body then runs again.
    pub async fn begin_idempotent(
        &self,
        scope: &IdempotencyScope,
        fingerprint: &[u8; 32],
        now: Timestamp,
        lock_for: SignedDuration,
    ) -> Result<KeyState, Error> {
        let sql = "/* store.begin_idempotent */
            insert into idempotency_keys as kept
                (organisation_id, subject, method, path, key, fingerprint, locked_until, expires_at)
            select $1, $2, $3, $4, $5, $6, $7, $8
            where exists (
                select from idempotency_keys
                where organisation_id = $1 and subject = $2 and method = $3 and path = $4
                    and key = $5
            ) or (
                select count(*) < $10 from (
                    select from idempotency_keys
                    where organisation_id = $1 and subject = $2 and expires_at > $9 limit $10
                ) as kept
            )
            on conflict (organisation_id, subject, method, path, key) do update set
                fingerprint = excluded.fingerprint, locked_until = excluded.locked_until,
                expires_at = excluded.expires_at, status = null, headers = null, body = null
            where kept.expires_at <= $9
                or (kept.status is null and kept.locked_until <= $9
                    and kept.fingerprint = excluded.fingerprint)";
        let mut tx = self.begin_for(&scope.org).await?;
        let taken = sqlx::query(sql)
            .bind(scope.org.as_str())
            .bind(&scope.subject)
            .bind(&scope.method)
            .bind(&scope.path)
            .bind(&scope.key)
            .bind(fingerprint.as_slice())
            .bind(later(now, lock_for)?)
            .bind(later(now, KEPT)?)
            .bind(to_sql_time(now))
            .bind(KEPT_MAX)
            .execute(&mut *tx)
            .await?;
        if taken.rows_affected() == 1 {
            tx.commit().await?;
            return Ok(KeyState::Fresh);
        }
        let Some(row) = find_answer(&mut tx, scope).await? else {
            let kept = count_kept(&mut tx, scope, now).await?;
            // Abandoned at this instant: the caller retries, as for one that is still running.
            return Ok(if kept < KEPT_MAX { KeyState::Running } else { KeyState::TooMany });
        };
        if row.fingerprint == fingerprint { row.try_into() } else { Ok(KeyState::OtherBody) }
    }

    /// Stores the response for 24 hours from `now`.
    pub async fn finish_idempotent(
        &self,
        scope: &IdempotencyScope,
        answer: &StoredAnswer,
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "/* store.finish_idempotent */
            update idempotency_keys set status = $6, headers = $7, body = $8, expires_at = $9
            where organisation_id = $1 and subject = $2 and method = $3 and path = $4 and key = $5
                and status is null";
        let mut tx = self.begin_for(&scope.org).await?;
        sqlx::query(sql)
            .bind(scope.org.as_str())
            .bind(&scope.subject)
            .bind(&scope.method)
            .bind(&scope.path)
            .bind(&scope.key)
            .bind(i16::try_from(answer.status).map_err(Error::other)?)
            .bind(json(&answer.headers)?)
            .bind(&answer.body)
            .bind(later(now, KEPT)?)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Releases the key without a response.
    pub async fn abandon_idempotent(&self, scope: &IdempotencyScope) -> Result<(), Error> {
        let sql = "/* store.abandon_idempotent */
            delete from idempotency_keys
            where organisation_id = $1 and subject = $2 and method = $3 and path = $4 and key = $5
                and status is null";
        let mut tx = self.begin_for(&scope.org).await?;
        sqlx::query(sql)
            .bind(scope.org.as_str())
            .bind(&scope.subject)
            .bind(&scope.method)
            .bind(&scope.path)
            .bind(&scope.key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn count_kept(
    connection: &mut PgConnection,
    scope: &IdempotencyScope,
    now: Timestamp,
) -> Result<i64, Error> {
    let sql = "/* store.begin_idempotent: kept */
        select count(*) from (
            select from idempotency_keys
            where organisation_id = $1 and subject = $2 and expires_at > $3 limit $4
        ) as kept";
    let kept = sqlx::query_scalar(sql)
        .bind(scope.org.as_str())
        .bind(&scope.subject)
        .bind(to_sql_time(now))
        .bind(KEPT_MAX)
        .fetch_one(connection)
        .await?;
    Ok(kept)
}

async fn find_answer(
    connection: &mut PgConnection,
    scope: &IdempotencyScope,
) -> Result<Option<AnswerRow>, Error> {
    let sql = "/* store.begin_idempotent: answer */
        select fingerprint, status, headers, body from idempotency_keys
        where organisation_id = $1 and subject = $2 and method = $3 and path = $4 and key = $5";
    let row = sqlx::query_as(sql)
        .bind(scope.org.as_str())
        .bind(&scope.subject)
        .bind(&scope.method)
        .bind(&scope.path)
        .bind(&scope.key)
        .fetch_optional(connection)
        .await?;
    Ok(row)
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    fingerprint: Vec<u8>,
    status: Option<i16>,
    headers: Option<Value>,
    body: Option<Vec<u8>>,
}

impl TryFrom<AnswerRow> for KeyState {
    type Error = Error;

    fn try_from(row: AnswerRow) -> Result<Self, Error> {
        let (Some(status), Some(headers), Some(body)) = (row.status, row.headers, row.body) else {
            return Ok(Self::Running);
        };
        Ok(Self::Replay(StoredAnswer {
            status: u16::try_from(status).map_err(|_| corrupt("status"))?,
            headers: serde_json::from_value(headers).map_err(|_| corrupt("headers"))?,
            body,
        }))
    }
}

fn later(now: Timestamp, span: SignedDuration) -> Result<SqlTimestamp, Error> {
    Ok(to_sql_time(now.checked_add(span).map_err(Error::other)?))
}

fn corrupt(column: &'static str) -> Error {
    Error::corrupt("idempotency_keys", column)
}
