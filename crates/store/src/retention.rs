//! Retention: responses 24 hours; deleted integrations 90 days, with everything that belongs to them; tokens until
//! they expire; credentials 90 days longer; snapshots 90 days; syncs, their history and scores, and audit events as long
//! as configured.

use jiff::{SignedDuration, Timestamp};

use crate::convert::{SqlTimestamp, readable_since, to_sql_time};
use crate::{CrossOrganisation, Error, Store};

/// Integrations per statement, each with its asset and findings.
const INTEGRATIONS_AT_ONCE: i64 = 1;
/// Other rows per statement.
const ROWS_AT_ONCE: i64 = 1000;

/// Judgements per statement; they may be large.
const JUDGEMENTS_AT_ONCE: i64 = 100;

/// For drift and policy previews. The latest of each integration is kept.
const JUDGEMENTS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Events are followed while a sync runs; its result contains the same information.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Of audit events. At least 30 days: the database refuses to delete newer ones.
    pub audit: SignedDuration,
    /// Of history entries, of syncs and of their scores; the latest of each integration are kept. At least as long as
    /// snapshots, which belong to syncs.
    pub history: SignedDuration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(days * 24);
        Self { audit: days(400), history: days(400) }
    }
}

/// Numbers of deleted rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Stored responses.
    pub answers: u64,
    pub integrations: u64,
    pub audit_events: u64,
}

struct RetentionRule {
    what: &'static str,
    /// Parameters: the instant, and the maximum number of rows.
    sql: &'static str,
    until: SqlTimestamp,
    at_once: i64,
}

impl Store {
    /// Deletes expired rows in small batches. A failing rule does not stop the others; the first error is returned at
    /// the end.
    pub async fn delete_expired(
        &self,
        now: Timestamp,
        retention: &Retention,
    ) -> Result<Purged, Error> {
        let mut purged = Purged::default();
        let mut first_error = None;
        for step in rules(now, retention)? {
            match self.delete_until(&step).await {
                Ok(rows) if step.what == ANSWERS => purged.answers = rows,
                Ok(rows) if step.what == INTEGRATIONS => purged.integrations = rows,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(rule = step.what, %error, "purging expired rows failed; will retry");
                    first_error = first_error.or(Some(error));
                }
            }
        }
        let before = now.checked_sub(retention.audit).map_err(Error::other)?;
        match self.purge_audit(before).await {
            Ok(events) => purged.audit_events = events,
            Err(error) => {
                tracing::warn!(%error, "purging expired audit events failed; will retry");
                first_error = first_error.or(Some(error));
            }
        }
        first_error.map_or(Ok(purged), Err)
    }

    async fn delete_until(&self, step: &RetentionRule) -> Result<u64, Error> {
        let mut deleted = 0;
        loop {
            let mut tx = self.begin_cross_organisation(CrossOrganisation::Purging).await?;
            let query = sqlx::query(step.sql).bind(step.until).bind(step.at_once);
            let rows = query.execute(&mut *tx).await?.rows_affected();
            tx.commit().await?;
            deleted += rows;
            if rows < step.at_once.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}

const ANSWERS: &str = "answers";
const INTEGRATIONS: &str = "integrations";

/// Rows that can be many are deleted before the row they belong to, so that no statement reaches the timeout.
fn rules(now: Timestamp, retention: &Retention) -> Result<[RetentionRule; 15], Error> {
    let before = |kept| now.checked_sub(kept).map(to_sql_time).map_err(Error::other);
    let of_deleted = readable_since(now);
    let step = |what, sql, until| RetentionRule { what, sql, until, at_once: ROWS_AT_ONCE };
    Ok([
        step("scores of deleted integrations", SCORES_OF_DELETED, of_deleted),
        step("scores", SCORES, before(retention.history)?),
        step("references to judgements", REFERENCES, before(JUDGEMENTS_KEPT)?),
        RetentionRule {
            at_once: JUDGEMENTS_AT_ONCE,
            ..step("judgements", JUDGEMENTS, to_sql_time(now))
        },
        step("history", OLD_HISTORY, before(retention.history)?),
        step("history of deleted integrations", HISTORY, of_deleted),
        step("syncs", OLD_SYNCS, before(retention.history)?),
        step("syncs of deleted integrations", SYNCS, of_deleted),
        step("transitions", TRANSITIONS, of_deleted),
        step("events", EVENTS, before(EVENTS_KEPT)?),
        step("paces", PACES, of_deleted),
        step("tokens", TOKENS, to_sql_time(now)),
        step("credentials", CREDENTIALS, of_deleted),
        step(ANSWERS, DELETE_ANSWERS, to_sql_time(now)),
        RetentionRule {
            at_once: INTEGRATIONS_AT_ONCE,
            ..step(INTEGRATIONS, DELETE_INTEGRATIONS, of_deleted)
        },
    ])
}

const SCORES_OF_DELETED: &str = "/* store.delete_expired: scores of deleted integrations */
    delete from sync_scores where ctid = any(array(
        select s.ctid from sync_scores s join integrations i
            on i.organisation_id = s.organisation_id and i.id = s.integration_id
        where i.deleted_at <= $1 limit $2 for update of s skip locked
    ))";

/// For the score row `s`: expired, and not the latest of its integration.
macro_rules! outlived {
    () => {
        "s.observed_at <= $1 and exists (
            select from sync_scores later
            where later.organisation_id = s.organisation_id
                and later.integration_id = s.integration_id
                and (later.observed_at, later.sync_id) > (s.observed_at, s.sync_id))
        limit $2 for update of s skip locked"
    };
}

const SCORES: &str = concat!(
    "/* store.delete_expired: scores */
    delete from sync_scores where ctid = any(array(
        select s.ctid from sync_scores s where ",
    outlived!(),
    "))"
);

const REFERENCES: &str = concat!(
    "/* store.delete_expired: references */
    update sync_scores set digest = null where ctid = any(array(
        select s.ctid from sync_scores s where s.digest is not null and ",
    outlived!(),
    "))"
);

/// Deletes judgements that no score row references.
const JUDGEMENTS: &str = "/* store.delete_expired: judgements */
    delete from judgements where ctid = any(array(
        select j.ctid from judgements j where j.created_at <= $1 and not exists (
            select from sync_scores s
            where s.organisation_id = j.organisation_id
                and s.integration_id = j.integration_id and s.digest = j.digest)
        limit $2 for update of j skip locked
    ))";

/// Not the latest entry of its integration.
const OLD_HISTORY: &str = "/* store.delete_expired: history */
    delete from history_entries where ctid = any(array(
        select h.ctid from history_entries h
        where h.started_at <= $1 and h.status <> 'in_progress' and exists (
            select from history_entries later
            where later.organisation_id = h.organisation_id
                and later.integration_id = h.integration_id and later.id > h.id)
        limit $2 for update of h skip locked
    ))";

/// Not the latest sync of its integration, nor one with a score: the latest score stays, with the sync that the asset and
/// its findings are from.
const OLD_SYNCS: &str = "/* store.delete_expired: syncs */
    delete from syncs where ctid = any(array(
        select s.ctid from syncs s
        where s.queued_at <= $1 and s.finished_at is not null and exists (
            select from syncs later
            where later.organisation_id = s.organisation_id
                and later.integration_id = s.integration_id and later.id > s.id)
        and not exists (
            select from sync_scores score
            where score.organisation_id = s.organisation_id and score.sync_id = s.id)
        limit $2 for update of s skip locked
    ))";

const HISTORY: &str = "/* store.delete_expired: history of deleted integrations */
    delete from history_entries where ctid = any(array(
        select h.ctid from history_entries h join integrations i
            on i.organisation_id = h.organisation_id and i.id = h.integration_id
        where i.deleted_at <= $1 limit $2 for update of h skip locked
    ))";

const SYNCS: &str = "/* store.delete_expired: syncs of deleted integrations */
    delete from syncs where ctid = any(array(
        select s.ctid from syncs s join integrations i
            on i.organisation_id = s.organisation_id and i.id = s.integration_id
        where i.deleted_at <= $1 limit $2 for update of s skip locked
    ))";

const TRANSITIONS: &str = "/* store.delete_expired: transitions */
    delete from finding_transitions where ctid = any(array(
        select t.ctid from finding_transitions t
        join findings f on f.organisation_id = t.organisation_id and f.id = t.finding_id
        join integrations i
            on i.organisation_id = f.organisation_id and i.id = f.integration_id
        where i.deleted_at <= $1 limit $2 for update of t skip locked
    ))";

const EVENTS: &str = "/* store.delete_expired: events */
    delete from sync_events where ctid = any(array(
        select ctid from sync_events where at <= $1 limit $2 for update skip locked
    ))";

const PACES: &str = "/* store.delete_expired: paces */
    delete from origin_paces where ctid = any(array(
        select ctid from origin_paces where updated_at <= $1
        limit $2 for update skip locked
    ))";

const TOKENS: &str = "/* store.delete_expired: tokens */
    delete from api_tokens where ctid = any(array(
        select ctid from api_tokens where expires_at <= $1
        limit $2 for update skip locked
    ))";

const CREDENTIALS: &str = "/* store.delete_expired: credentials */
    delete from api_credentials where ctid = any(array(
        select ctid from api_credentials where least(expires_at, revoked_at) <= $1
        limit $2 for update skip locked
    ))";

const DELETE_ANSWERS: &str = "/* store.delete_expired: answers */
    delete from idempotency_keys where ctid = any(array(
        select ctid from idempotency_keys where expires_at <= $1
        limit $2 for update skip locked
    ))";

const DELETE_INTEGRATIONS: &str = "/* store.delete_expired: integrations */
    delete from integrations i using (
        select organisation_id, id from integrations where deleted_at <= $1
        order by deleted_at limit $2 for update skip locked
    ) gone
    where i.organisation_id = gone.organisation_id and i.id = gone.id";
