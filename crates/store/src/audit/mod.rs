//! The audit: who did what from where. Rows are only ever added, each chained to the one before by
//! its hash (`chain`), under a lock of the organisation that is the last of its transaction.

mod chain;
mod list;
mod row;
mod verify;

use std::net::SocketAddr;

use domain::OrganisationId;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub use list::AuditFilter;
pub use row::{AuditEvent, AuditPosition};
pub use verify::{ChainBreak, Verified};

use crate::convert::{json, text, to_sql_time};
use crate::{Error, Store};
use chain::{GENESIS, Hash, Link};

/// One row of the audit.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Whose.
    pub organisation_id: OrganisationId,
    /// When.
    pub at: Timestamp,
    /// The `sub` of the caller's token.
    pub actor_subject: String,
    /// The caller's e-mail.
    pub actor_email: String,
    /// Where the request came from; port 0 where it is not known.
    pub source_address: Option<SocketAddr>,
    /// What was asked for, as `create_integration`.
    pub action: &'static str,
    /// On which object.
    pub target: Option<Uuid>,
    /// `done`; `refused`: could not be done; `denied`: the caller may not.
    pub outcome: &'static str,
    /// Of the request.
    pub request_id: String,
    /// Anything more; no secrets.
    pub details: Value,
}

impl Store {
    /// Adds a row about something that changed nothing here: a refusal, a test.
    pub async fn insert_audit(&self, entry: &AuditEntry) -> Result<(), Error> {
        let mut tx = self.begin_for(&entry.organisation_id).await?;
        insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Adds a row in the transaction of what it tells of.
pub(crate) async fn insert(connection: &mut PgConnection, entry: &AuditEntry) -> Result<(), Error> {
    insert_for(connection, entry, &[entry.target]).await
}

/// Adds the same row for each of these objects, in two statements. After it the transaction takes no
/// further lock: the organisation's head is held until it ends, and whoever held it while waiting for
/// another row would be waited for in turn.
pub(crate) async fn insert_for(
    connection: &mut PgConnection,
    entry: &AuditEntry,
    targets: &[Option<Uuid>],
) -> Result<(), Error> {
    if targets.is_empty() {
        return Ok(());
    }
    let mut kept = row::audit_row(entry)?;
    let (mut seq, mut previous) = lock_head(connection, &entry.organisation_id).await?;
    let mut links = Links::default();
    for target in targets {
        seq += 1;
        kept.target_id = *target;
        let hash = chain::hash(
            &Link { organisation: entry.organisation_id.as_str(), seq, previous },
            &kept,
        );
        links.seqs.push(seq);
        links.previous.push(previous.to_vec());
        links.hashes.push(hash.to_vec());
        previous = hash;
    }
    append(connection, entry, targets, &links).await
}

/// The columns of the chain, one element for each new row.
#[derive(Default)]
struct Links {
    seqs: Vec<i64>,
    previous: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
}

/// Locks the end of the chain, which is made at the first row.
async fn lock_head(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
) -> Result<(i64, Hash), Error> {
    let sql = "/* store.insert_audit: head */
        insert into audit_heads (organisation_id, seq, hash) values ($1, 0, $2)
        on conflict (organisation_id) do update set seq = audit_heads.seq
        returning seq, hash";
    let (seq, hash): (i64, Vec<u8>) = sqlx::query_as(sql)
        .bind(organisation.as_str())
        .bind(GENESIS.as_slice())
        .fetch_one(connection)
        .await?;
    let hash = hash.try_into().map_err(|_| Error::corrupt("audit_heads", "hash"))?;
    Ok((seq, hash))
}

async fn append(
    connection: &mut PgConnection,
    entry: &AuditEntry,
    targets: &[Option<Uuid>],
    links: &Links,
) -> Result<(), Error> {
    let sql = "/* store.insert_audit */
        with added as (
            select * from unnest($8::uuid[], $12::bigint[], $13::bytea[], $14::bytea[])
                as added (target, seq, previous_hash, hash)
        ), head as (
            update audit_heads set (seq, hash) = (
                select seq, hash from added order by seq desc limit 1)
            where organisation_id = $1
        )
        insert into audit_events
            (organisation_id, at, actor_subject, actor_email, source_address, source_port, action,
             target_id, outcome, request_id, details, seq, previous_hash, hash)
        select $1, $2, $3, $4, $5::text::inet, $6, $7, target, $9, $10, $11, seq, previous_hash, hash
        from added order by seq";
    sqlx::query(sql)
        .bind(entry.organisation_id.as_str())
        .bind(to_sql_time(entry.at))
        .bind(text(&entry.actor_subject))
        .bind(text(&entry.actor_email))
        .bind(entry.source_address.map(|address| address.ip().to_string()))
        .bind(row::port(entry.source_address))
        .bind(entry.action)
        .bind(targets)
        .bind(entry.outcome)
        .bind(text(&entry.request_id))
        .bind(json(&entry.details)?)
        .bind(&links.seqs)
        .bind(&links.previous)
        .bind(&links.hashes)
        .execute(connection)
        .await?;
    Ok(())
}
