//! What has had its time: answers after 24 hours, deleted integrations after 90 days, with
//! everything of theirs. The audit stays.

use jiff::{SignedDuration, Timestamp};

use crate::value::{at, readable_since};
use crate::{Across, Error, Store};

/// Integrations that go in one statement, each with its asset and findings.
const INTEGRATIONS_AT_ONCE: i64 = 1;
/// Other rows that go in one statement.
const ROWS_AT_ONCE: i64 = 1000;

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
        Ok(Purged {
            answers: self.delete_until(answers, at(now), ROWS_AT_ONCE).await?,
            integrations: self
                .delete_until(integrations, readable_since(now), INTEGRATIONS_AT_ONCE)
                .await?,
        })
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
