//! Verifies an organisation's chain: finds changed, missing and moved rows. An attacker who can rewrite all rows and
//! the head is not detected; for that, store the head's hash elsewhere and compare.

use domain::OrganisationId;

use super::hash_chain::{self, GENESIS, Hash, Link};
use super::row::{AuditRow, audit_columns};
use crate::{Error, Store};

/// Rows in memory at once.
const PAGE: i64 = 1000;

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
    /// the head is not the last event.
    pub reason: &'static str,
}

/// The head of a chain, and the last row.
struct Head {
    seq: i64,
    hash: Vec<u8>,
    last_row: Option<i64>,
}

impl Store {
    /// Verifies up to `rows_max` rows from `from_seq` on. Concurrent inserts do not matter: the head is read first,
    /// and rows are never deleted.
    pub async fn verify_audit(
        &self,
        organisation: &OrganisationId,
        from_seq: i64,
        rows_max: i64,
    ) -> Result<Verified, Error> {
        let head = self.find_head(organisation).await?;
        let mut walk = ChainWalk::new(head.as_ref().map(|head| hex::encode(&head.hash)));
        let Some(head) = head else {
            return Ok(walk.found);
        };
        // There are no rows after the head.
        let mut expected = from_seq.clamp(1, head.seq + 1);
        let mut previous = GENESIS;
        if expected > 1 {
            match self.find_hash(organisation, expected - 1).await? {
                Some(hash) => previous = hash,
                None => walk.breaks(expected - 1, "missing"),
            }
        }
        let until = head.seq.min(expected.saturating_add(rows_max.max(1) - 1));
        while walk.found.broken_at.is_none() && expected <= until {
            let last = until.min(expected.saturating_add(PAGE - 1));
            let rows = self.rows(organisation, expected, last).await?;
            (walk, expected, previous) = {
                let organisation = organisation.clone();
                // Hashing a page takes milliseconds, in which the event loop would serve no one.
                let hashed = tokio::task::spawn_blocking(move || {
                    for row in rows {
                        if !walk.step(&organisation, row, expected, &mut previous) {
                            break;
                        }
                        expected += 1;
                    }
                    (walk, expected, previous)
                });
                hashed.await.map_err(|error| Error::Other(Box::new(error)))?
            };
            if walk.found.broken_at.is_none() && expected <= last {
                walk.breaks(expected, "missing");
            }
        }
        if walk.found.broken_at.is_none() {
            if until < head.seq {
                walk.found.next_from_seq = Some(expected);
            } else if head.seq > 0 && previous.as_slice() != head.hash {
                walk.breaks(head.seq, "head");
            } else if head.last_row.is_some_and(|seq| seq > head.seq) {
                walk.breaks(head.seq + 1, "head");
            }
        }
        Ok(walk.found)
    }

    /// None: no event was ever inserted. Rows without a head: the head was deleted.
    async fn find_head(&self, organisation: &OrganisationId) -> Result<Option<Head>, Error> {
        let sql = "/* store.verify_audit: head */
            select (select seq from audit_heads where organisation_id = $1),
                   (select hash from audit_heads where organisation_id = $1),
                   (select max(seq) from audit_events where organisation_id = $1)";
        let mut tx = self.begin_for(organisation).await?;
        let (seq, hash, last_row): (Option<i64>, Option<Vec<u8>>, Option<i64>) =
            sqlx::query_as(sql).bind(organisation.as_str()).fetch_one(&mut *tx).await?;
        if seq.is_none() && last_row.is_none() {
            return Ok(None);
        }
        Ok(Some(Head { seq: seq.unwrap_or(0), hash: hash.unwrap_or_default(), last_row }))
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

    async fn rows(
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

struct ChainWalk {
    found: Verified,
}

impl ChainWalk {
    fn new(head_hash: Option<String>) -> Self {
        Self {
            found: Verified {
                entries: 0,
                first_seq: None,
                last_seq: None,
                head_hash,
                next_from_seq: None,
                broken_at: None,
            },
        }
    }

    fn breaks(&mut self, seq: i64, reason: &'static str) {
        self.found.broken_at = Some(ChainBreak { seq, reason });
    }

    /// Whether the row is the expected one.
    fn step(
        &mut self,
        organisation: &OrganisationId,
        row: AuditRow,
        expected: i64,
        previous: &mut Hash,
    ) -> bool {
        if row.seq != Some(expected) {
            self.breaks(expected, "missing");
            return false;
        }
        self.found.entries += 1;
        self.found.first_seq.get_or_insert(expected);
        self.found.last_seq = Some(expected);
        let kept_hash = row.hash.clone().unwrap_or_default();
        let follows = row.previous_hash.as_deref().unwrap_or_default() == previous.as_slice();
        let link = Link { organisation: organisation.as_str(), seq: expected, previous: *previous };
        let hash = hash_chain::hash(&link, &row.into_entry());
        if !follows {
            self.breaks(expected, "unlinked");
        } else if kept_hash != hash {
            self.breaks(expected, "changed");
        }
        *previous = hash;
        follows && kept_hash == hash
    }
}
