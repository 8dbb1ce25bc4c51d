//! The audit trail: who did what, and from where. Events are inserted, each chained to the previous one by its hash
//! (`hash_chain`), and never changed; after their retention the oldest are deleted (`purge`). The lock on the organisation's chain is the last lock of a transaction.

mod checkpoint;
mod hash_chain;
mod list;
mod purge;
mod row;
mod verify;

use std::net::SocketAddr;

use domain::OrganisationId;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) use checkpoint::{CHECKPOINTS, SEALED};
pub use list::AuditFilter;
pub use row::{AuditEvent, AuditPosition};
pub use verify::{ChainBreak, Verified};

use crate::convert::{json, text, to_sql_time};
use crate::{Error, Store};
use hash_chain::{GENESIS, Hash, Link};

#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub organisation_id: OrganisationId,
    pub at: Timestamp,
    /// The `sub` of the caller's token.
    pub actor_subject: String,
    pub actor_email: String,
    /// Address of the client. Port 0: unknown.
    pub source_address: Option<SocketAddr>,
    /// Operation id, such as `create_integration`.
    pub action: &'static str,
    /// Id of the object acted on.
    pub target: Option<Uuid>,
    /// `done`; `refused`: not possible; `denied`: the caller lacks the permission.
    pub outcome: &'static str,
    pub request_id: String,
    /// The service's own, if the client chose `request_id`.
    pub own_request_id: Option<String>,
    /// Contains no secrets.
    pub details: Value,
}

impl Store {
    /// Inserts an event without a change of other rows: a refusal or a test.
    pub async fn insert_audit(&self, entry: &AuditEntry) -> Result<(), Error> {
        let mut tx = self.begin_for(&entry.organisation_id).await?;
        insert(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Inserts an event in the transaction of the change that it records.
pub(crate) async fn insert(connection: &mut PgConnection, entry: &AuditEntry) -> Result<(), Error> {
    insert_for(connection, entry, &[entry.target]).await
}

/// Inserts one event for each target, in two statements. The transaction must take no further locks: the head of the
/// chain is locked until it ends, and a transaction that waits for another row meanwhile can deadlock.
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
        let hash = hash_chain::hash(
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

/// The columns of the chain, one element for each new event.
#[derive(Default)]
struct Links {
    seqs: Vec<i64>,
    previous: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
}

/// Locks the head of the chain, creating it for the first event.
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
             target_id, outcome, request_id, own_request_id, details, seq, previous_hash, hash)
        select $1, $2, $3, $4, $5::text::inet, $6, $7, target, $9, $10, $15, $11, seq, previous_hash, hash
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
        .bind(entry.own_request_id.as_deref().map(text))
        .execute(connection)
        .await?;
    Ok(())
}
