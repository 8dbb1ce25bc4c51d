//! Deletes audit events after their retention, a batch at a time. Each batch is verified before it is deleted, so that
//! damage is not deleted with its traces, and leaves a checkpoint from which the rest of the chain is verified.

use domain::OrganisationId;
use jiff::Timestamp;

use super::checkpoint::{self, Checkpoint};
use super::verify::ChainWalk;
use crate::convert::{from_sql_time, organisation, to_sql_time};
use crate::{CrossOrganisation, Error, Store};

/// Events of one batch.
const EVENTS_AT_ONCE: i64 = 1000;

impl Store {
    /// Deletes the events before this instant of all organisations. A damaged chain stays as it is and is logged; it
    /// does not stop the others.
    pub(crate) async fn purge_audit(&self, before: Timestamp) -> Result<u64, Error> {
        let sql = "/* store.purge_audit: organisations */
            select * from organisations_with_audit_before($1)";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Purging).await?;
        let found: Vec<String> =
            sqlx::query_scalar(sql).bind(to_sql_time(before)).fetch_all(&mut *tx).await?;
        drop(tx);
        let mut deleted = 0;
        for each in found {
            let each = organisation(&each, "audit_events")?;
            loop {
                let batch = self.purge_audit_of(&each, before).await?;
                deleted += batch;
                if batch == 0 {
                    break;
                }
            }
        }
        Ok(deleted)
    }

    /// Deletes one batch. 0: none is left, or the chain is damaged.
    async fn purge_audit_of(&self, of: &OrganisationId, before: Timestamp) -> Result<u64, Error> {
        let mut tx = self.begin_for(of).await?;
        let from = checkpoint::find(&mut tx, self.keys(), of).await?;
        drop(tx);
        let mut rows = self.audit_rows(of, from.seq + 1, from.seq + EVENTS_AT_ONCE).await?;
        let expired = rows.iter().take_while(|row| from_sql_time(row.at) < before).count();
        rows.truncate(expired);
        let walk = ChainWalk::from_checkpoint(from).verify(of, rows).await?;
        if let Some(damage) = walk.found.broken_at {
            let (organisation, seq, reason) = (of.as_str(), damage.seq, damage.reason);
            tracing::error!(
                organisation,
                seq,
                reason,
                "damaged audit chain: its expired events stay"
            );
            return Ok(0);
        }
        let until = Checkpoint { seq: walk.expected - 1, hash: walk.previous, is_genuine: true };
        let sql = "/* store.purge_audit */ select purge_audit_events($1, $2, $3, $4)";
        let mut tx = self.begin_for(of).await?;
        let deleted: i64 = sqlx::query_scalar(sql)
            .bind(of.as_str())
            .bind(to_sql_time(before))
            .bind(until.seq)
            .bind(until.seal(self.keys(), of))
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(deleted.unsigned_abs())
    }
}
