//! Verifies an organisation's chain: finds changed, missing and moved rows. An attacker who can rewrite all rows and
//! the head is not detected; for that, store the head's hash elsewhere and compare.

use domain::OrganisationId;

use super::checkpoint::{self, Checkpoint};
use super::hash_chain::{self, Hash, Link};
use super::row::{AuditRow, audit_columns};
use crate::{Error, Store};

/// Rows in memory at once.
const PAGE: i64 = 1000;
/// Attempts while retention deletes events that are being verified.
const ATTEMPTS: u32 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Number of verified rows.
    pub entries: u64,
    pub first_seq: Option<i64>,
    pub last_seq: Option<i64>,
    /// Hash of the last event, in hexadecimal. None: there is no chain yet.
    pub head_hash: Option<String>,
    /// Where to continue. None: verified to the end.
    pub next_from_seq: Option<i64>,
    pub broken_at: Option<ChainBreak>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainBreak {
    pub seq: i64,
    /// `missing`; `changed`: the fields do not match the hash; `unlinked`: the previous hash does not match; `head`:
    /// the head is not the last event; `checkpoint`: another than the service's.
    pub reason: &'static str,
}

/// The head of a chain, and the last row.
struct Head {
    seq: i64,
    hash: Vec<u8>,
    last_row: Option<i64>,
}

impl Store {
    /// Verifies up to `rows_max` rows from `from_seq` on, or from the first one that retention left. Concurrent inserts
    /// do not matter: the head is read first.
    pub async fn verify_audit(
        &self,
        organisation: &OrganisationId,
        from_seq: i64,
        rows_max: i64,
    ) -> Result<Verified, Error> {
        let mut attempt = 1;
        loop {
            let (base, head) = self.ends_of_chain(organisation).await?;
            let found = self.verify_from(organisation, base, head, (from_seq, rows_max)).await?;
            // Events that are missing because retention deleted them meanwhile are no damage.
            let is_done = found.broken_at.is_none() || attempt == ATTEMPTS;
            if is_done || self.ends_of_chain(organisation).await?.0 == base {
                return Ok(found);
            }
            attempt += 1;
        }
    }

    async fn verify_from(
        &self,
        organisation: &OrganisationId,
        base: Checkpoint,
        head: Option<Head>,
        (from_seq, rows_max): (i64, i64),
    ) -> Result<Verified, Error> {
        let mut walk = ChainWalk::from_checkpoint(base);
        walk.found.head_hash = head.as_ref().map(|head| hex::encode(&head.hash));
        let Some(head) = head else { return Ok(walk.found) };
        if walk.found.broken_at.is_some() {
            return Ok(walk.found);
        }
        if head.seq < base.seq {
            walk.breaks(head.seq + 1, "head");
            return Ok(walk.found);
        }
        // There are no rows after the head.
        walk.expected = from_seq.clamp(base.seq + 1, head.seq + 1);
        if walk.expected > base.seq + 1 {
            let before = walk.expected - 1;
            match self.find_hash(organisation, before).await? {
                Some(hash) => walk.previous = hash,
                None => walk.breaks(before, "missing"),
            }
        }
        let until = head.seq.min(walk.expected.saturating_add(rows_max.max(1) - 1));
        while walk.found.broken_at.is_none() && walk.expected <= until {
            let last = until.min(walk.expected.saturating_add(PAGE - 1));
            let rows = self.audit_rows(organisation, walk.expected, last).await?;
            walk = walk.verify(organisation, rows).await?;
            if walk.found.broken_at.is_none() && walk.expected <= last {
                walk.breaks(walk.expected, "missing");
            }
        }
        if walk.found.broken_at.is_none() {
            if until < head.seq {
                walk.found.next_from_seq = Some(walk.expected);
            } else if head.seq > 0 && walk.previous.as_slice() != head.hash {
                walk.breaks(head.seq, "head");
            } else if head.last_row.is_some_and(|seq| seq > head.seq) {
                walk.breaks(head.seq + 1, "head");
            }
        }
        Ok(walk.found)
    }

    /// Where the chain begins and ends. No head: no event was ever inserted. Rows or a checkpoint without a head: the
    /// head was deleted.
    async fn ends_of_chain(
        &self,
        organisation: &OrganisationId,
    ) -> Result<(Checkpoint, Option<Head>), Error> {
        let sql = "/* store.verify_audit: head */
            select (select seq from audit_heads where organisation_id = $1),
                   (select hash from audit_heads where organisation_id = $1),
                   (select max(seq) from audit_events where organisation_id = $1)";
        let mut tx = self.begin_for(organisation).await?;
        let base = checkpoint::find(&mut tx, self.keys(), organisation).await?;
        let (seq, hash, last_row): (Option<i64>, Option<Vec<u8>>, Option<i64>) =
            sqlx::query_as(sql).bind(organisation.as_str()).fetch_one(&mut *tx).await?;
        if seq.is_none() && last_row.is_none() && base == Checkpoint::NONE {
            return Ok((base, None));
        }
        let (seq, hash) = (seq.unwrap_or(0), hash.unwrap_or_default());
        Ok((base, Some(Head { seq, hash, last_row })))
    }

    async fn find_hash(
        &self,
        organisation: &OrganisationId,
        seq: i64,
    ) -> Result<Option<Hash>, Error> {
        let sql = "/* store.verify_audit: before */
            select hash from audit_events where organisation_id = $1 and seq = $2";
        let mut tx = self.begin_for(organisation).await?;
        let hash: Option<Vec<u8>> = sqlx::query_scalar(sql)
            .bind(organisation.as_str())
            .bind(seq)
            .fetch_optional(&mut *tx)
            .await?;
        Ok(hash.and_then(|hash| hash.try_into().ok()))
    }

    /// The rows at these positions of the chain, in order.
    pub(super) async fn audit_rows(
        &self,
        organisation: &OrganisationId,
        first: i64,
        last: i64,
    ) -> Result<Vec<AuditRow>, Error> {
        let sql = concat!(
            "/* store.verify_audit */ select ",
            audit_columns!(),
            " from audit_events where organisation_id = $1 and seq between $2 and $3 order by seq"
        );
        let mut tx = self.begin_for(organisation).await?;
        let rows = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(first)
            .bind(last)
            .fetch_all(&mut *tx)
            .await?;
        Ok(rows)
    }
}

/// How far a chain is verified.
pub(super) struct ChainWalk {
    pub found: Verified,
    /// Position of the next row.
    pub expected: i64,
    /// Hash of the row before it.
    pub previous: Hash,
}

impl ChainWalk {
    pub fn from_checkpoint(base: Checkpoint) -> Self {
        let found = Verified {
            entries: 0,
            first_seq: None,
            last_seq: None,
            head_hash: None,
            next_from_seq: None,
            broken_at: None,
        };
        let mut walk = Self { found, expected: base.seq + 1, previous: base.hash };
        if !base.is_genuine {
            walk.breaks(base.seq, "checkpoint");
        }
        walk
    }

    /// Verifies these rows until one is not the expected one. On a thread of its own: hashing a page takes milliseconds,
    /// in which the event loop would serve no one.
    pub async fn verify(
        mut self,
        organisation: &OrganisationId,
        rows: Vec<AuditRow>,
    ) -> Result<Self, Error> {
        let organisation = organisation.clone();
        let hashed = tokio::task::spawn_blocking(move || {
            for row in rows {
                if self.found.broken_at.is_some() {
                    break;
                }
                self.step(&organisation, row);
            }
            self
        });
        hashed.await.map_err(|error| Error::Other(Box::new(error)))
    }

    fn breaks(&mut self, seq: i64, reason: &'static str) {
        self.found.broken_at = Some(ChainBreak { seq, reason });
    }

    fn step(&mut self, organisation: &OrganisationId, row: AuditRow) {
        let expected = self.expected;
        if row.seq != Some(expected) {
            return self.breaks(expected, "missing");
        }
        self.found.entries += 1;
        self.found.first_seq.get_or_insert(expected);
        self.found.last_seq = Some(expected);
        let kept_hash = row.hash.clone().unwrap_or_default();
        let follows = row.previous_hash.as_deref().unwrap_or_default() == self.previous.as_slice();
        let link =
            Link { organisation: organisation.as_str(), seq: expected, previous: self.previous };
        let hash = hash_chain::hash(&link, &row.into_entry());
        if !follows {
            self.breaks(expected, "unlinked");
        } else if kept_hash != hash {
            self.breaks(expected, "changed");
        } else {
            self.expected += 1;
        }
        self.previous = hash;
    }
}
