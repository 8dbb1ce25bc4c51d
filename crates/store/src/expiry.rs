//! What has had its time: answers after 24 hours, deleted integrations after 90 days, with
//! everything of theirs; tokens at their end, credentials 90 days after theirs; what syncs saw after 90
//! days, the trend after 400. The audit stays.

use jiff::{SignedDuration, Timestamp};

use crate::value::{at, readable_since};
use crate::{Across, Error, Store};

/// Integrations that go in one statement, each with its asset and findings.
const INTEGRATIONS_AT_ONCE: i64 = 1;
/// Other rows that go in one statement.
const ROWS_AT_ONCE: i64 = 1000;

/// Judgements that go in one statement: they may be large.
const JUDGEMENTS_AT_ONCE: i64 = 100;

/// How long what a sync saw is kept for drift and for judging it again. The latest of each
/// integration stays.
const JUDGEMENTS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long the trend is. The latest row of each integration stays.
const SCORES_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A sync is followed while it runs; its result has everything that the events told.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Kept answers.
    pub answers: u64,
    /// Integrations.
    pub integrations: u64,
}

impl Store {
    /// Deletes what has had its time, in small steps.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<Purged, Error> {
        let answers = "/* store.delete_expired: answers */
            delete from idempotency_keys where ctid = any(array(
                select ctid from idempotency_keys where expires_at <= $1
                limit $2 for update skip locked
            ))";
        // What may be many goes first, in steps, so that no statement takes longer than it may.
        let syncs = "/* store.delete_expired: syncs */
            delete from syncs where ctid = any(array(
                select s.ctid from syncs s join integrations i
                    on i.organisation_id = s.organisation_id and i.id = s.integration_id
                where i.deleted_at <= $1 limit $2 for update of s skip locked
            ))";
        let history = "/* store.delete_expired: history */
            delete from history_entries where ctid = any(array(
                select h.ctid from history_entries h join integrations i
                    on i.organisation_id = h.organisation_id and i.id = h.integration_id
                where i.deleted_at <= $1 limit $2 for update of h skip locked
            ))";
        let transitions = "/* store.delete_expired: transitions */
            delete from finding_transitions where ctid = any(array(
                select t.ctid from finding_transitions t
                join findings f on f.organisation_id = t.organisation_id and f.id = t.finding_id
                join integrations i
                    on i.organisation_id = f.organisation_id and i.id = f.integration_id
                where i.deleted_at <= $1 limit $2 for update of t skip locked
            ))";
        self.delete_expired_judgements(now).await?;
        for children in [history, syncs, transitions] {
            self.delete_until(children, readable_since(now), ROWS_AT_ONCE).await?;
        }
        let integrations = "/* store.delete_expired: integrations */
            delete from integrations i using (
                select organisation_id, id from integrations where deleted_at <= $1
                order by deleted_at limit $2 for update skip locked
            ) gone
            where i.organisation_id = gone.organisation_id and i.id = gone.id";
        let events = "/* store.delete_expired: events */
            delete from sync_events where ctid = any(array(
                select ctid from sync_events where at <= $1 limit $2 for update skip locked
            ))";
        let old_events = now.checked_sub(EVENTS_KEPT).map_err(Error::other)?;
        self.delete_until(events, at(old_events), ROWS_AT_ONCE).await?;
        let paces = "/* store.delete_expired: paces */
            delete from tenant_paces where ctid = any(array(
                select ctid from tenant_paces where updated_at <= $1
                limit $2 for update skip locked
            ))";
        self.delete_until(paces, readable_since(now), ROWS_AT_ONCE).await?;
        self.delete_expired_credentials(now).await?;
        Ok(Purged {
            answers: self.delete_until(answers, at(now), ROWS_AT_ONCE).await?,
            integrations: self
                .delete_until(integrations, readable_since(now), INTEGRATIONS_AT_ONCE)
                .await?,
        })
    }

    async fn delete_expired_credentials(&self, now: Timestamp) -> Result<(), Error> {
        let tokens = "/* store.delete_expired: tokens */
            delete from api_tokens where ctid = any(array(
                select ctid from api_tokens where expires_at <= $1
                limit $2 for update skip locked
            ))";
        self.delete_until(tokens, at(now), ROWS_AT_ONCE).await?;
        let credentials = "/* store.delete_expired: credentials */
            delete from api_credentials where ctid = any(array(
                select ctid from api_credentials where least(expires_at, revoked_at) <= $1
                limit $2 for update skip locked
            ))";
        self.delete_until(credentials, readable_since(now), ROWS_AT_ONCE).await?;
        Ok(())
    }

    /// Of the trend and of what syncs saw. A judgement goes when no row of the trend refers to it.
    async fn delete_expired_judgements(&self, now: Timestamp) -> Result<(), Error> {
        let of_deleted = "/* store.delete_expired: scores of deleted integrations */
            delete from sync_scores where ctid = any(array(
                select s.ctid from sync_scores s join integrations i
                    on i.organisation_id = s.organisation_id and i.id = s.integration_id
                where i.deleted_at <= $1 limit $2 for update of s skip locked
            ))";
        self.delete_until(of_deleted, readable_since(now), ROWS_AT_ONCE).await?;
        let scores = "/* store.delete_expired: scores */
            delete from sync_scores where ctid = any(array(
                select s.ctid from sync_scores s where s.observed_at <= $1 and exists (
                    select from sync_scores later
                    where later.organisation_id = s.organisation_id
                        and later.integration_id = s.integration_id and later.sync_id > s.sync_id)
                limit $2 for update of s skip locked
            ))";
        let old_scores = now.checked_sub(SCORES_KEPT).map_err(Error::other)?;
        self.delete_until(scores, at(old_scores), ROWS_AT_ONCE).await?;
        let references = "/* store.delete_expired: references */
            update sync_scores set digest = null where ctid = any(array(
                select s.ctid from sync_scores s
                where s.digest is not null and s.observed_at <= $1 and exists (
                    select from sync_scores later
                    where later.organisation_id = s.organisation_id
                        and later.integration_id = s.integration_id and later.sync_id > s.sync_id)
                limit $2 for update of s skip locked
            ))";
        let old_judgements = now.checked_sub(JUDGEMENTS_KEPT).map_err(Error::other)?;
        self.delete_until(references, at(old_judgements), ROWS_AT_ONCE).await?;
        let judgements = "/* store.delete_expired: judgements */
            delete from judgements where ctid = any(array(
                select j.ctid from judgements j where j.created_at <= $1 and not exists (
                    select from sync_scores s
                    where s.organisation_id = j.organisation_id
                        and s.integration_id = j.integration_id and s.digest = j.digest)
                limit $2 for update of j skip locked
            ))";
        self.delete_until(judgements, at(now), JUDGEMENTS_AT_ONCE).await?;
        Ok(())
    }

    async fn delete_until(
        &self,
        sql: &'static str,
        until: crate::value::At,
        at_once: i64,
    ) -> Result<u64, Error> {
        let mut deleted = 0;
        loop {
            let mut tx = self.begin_across(Across::Purging).await?;
            let step = sqlx::query(sql).bind(until).bind(at_once).execute(&mut *tx).await?;
            tx.commit().await?;
            deleted += step.rows_affected();
            if step.rows_affected() < at_once.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}
