//! A row of the audit as the database keeps it, and as it is read.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::AuditEntry;
use crate::Error;
use crate::convert::{SqlTimestamp, from_sql_time, json, text};

/// What a hash covers, exactly as it is kept: what Postgres or this crate rewrites is rewritten.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SealedEntry {
    pub at: Timestamp,
    pub actor_subject: String,
    pub actor_email: String,
    pub source_address: Option<IpAddr>,
    pub source_port: Option<i32>,
    pub action: String,
    pub target_id: Option<Uuid>,
    pub outcome: String,
    pub request_id: String,
    pub details: Value,
}

/// The row that an entry becomes.
pub(super) fn audit_row(entry: &AuditEntry) -> Result<SealedEntry, Error> {
    Ok(SealedEntry {
        at: domain::clock::to_micros(entry.at),
        actor_subject: text(&entry.actor_subject),
        actor_email: text(&entry.actor_email),
        source_address: entry.source_address.map(|address| address.ip()),
        source_port: port(entry.source_address),
        action: entry.action.to_owned(),
        target_id: entry.target,
        outcome: entry.outcome.to_owned(),
        request_id: text(&entry.request_id),
        details: json(&entry.details)?,
    })
}

/// Port 0 stands for one that a proxy did not tell.
pub(super) fn port(address: Option<SocketAddr>) -> Option<i32> {
    address.map(|address| i32::from(address.port())).filter(|port| *port != 0)
}

/// Where a page of the audit goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AuditPosition {
    /// After this row of the organisation's chain.
    Chained {
        /// Its place.
        seq: i64,
    },
    /// After the row with this number, which counts over all organisations: of rows of before there
    /// was a chain, and of cursors of before positions were places in it.
    Numbered(i64),
}

/// One row, to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// Its place in the list.
    pub position: AuditPosition,
    /// Its place in the chain; none in rows of before there was one.
    pub seq: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// The subject.
    pub actor_subject: String,
    /// The e-mail.
    pub actor_email: String,
    /// Where the request came from.
    pub source_address: Option<String>,
    /// From which port.
    pub source_port: Option<i32>,
    /// What was asked for.
    pub action: String,
    /// On which object.
    pub target_id: Option<Uuid>,
    /// `done`, `refused` or `denied`.
    pub outcome: String,
    /// Of the request.
    pub request_id: String,
    /// Anything more.
    pub details: Value,
    /// In hexadecimal.
    pub hash: Option<String>,
}

macro_rules! audit_columns {
    () => {
        "sequence, seq, at, actor_subject, actor_email, host(source_address) as source_address,
         source_port, action, target_id, outcome, request_id, details, previous_hash, hash"
    };
}
pub(super) use audit_columns;

#[derive(sqlx::FromRow)]
pub(super) struct AuditRow {
    sequence: i64,
    pub seq: Option<i64>,
    at: SqlTimestamp,
    actor_subject: String,
    actor_email: String,
    source_address: Option<String>,
    source_port: Option<i32>,
    action: String,
    target_id: Option<Uuid>,
    outcome: String,
    request_id: String,
    details: Value,
    pub previous_hash: Option<Vec<u8>>,
    pub hash: Option<Vec<u8>>,
}

impl AuditRow {
    /// What its hash has to cover. An address that is none is not what was written.
    pub fn into_entry(self) -> SealedEntry {
        SealedEntry {
            at: from_sql_time(self.at),
            actor_subject: self.actor_subject,
            actor_email: self.actor_email,
            source_address: self.source_address.and_then(|text| text.parse().ok()),
            source_port: self.source_port,
            action: self.action,
            target_id: self.target_id,
            outcome: self.outcome,
            request_id: self.request_id,
            details: self.details,
        }
    }
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            position: row.seq.map_or(AuditPosition::Numbered(row.sequence), |seq| {
                AuditPosition::Chained { seq }
            }),
            seq: row.seq,
            at: from_sql_time(row.at),
            actor_subject: row.actor_subject,
            actor_email: row.actor_email,
            source_address: row.source_address,
            source_port: row.source_port,
            action: row.action,
            target_id: row.target_id,
            outcome: row.outcome,
            request_id: row.request_id,
            details: row.details,
            hash: row.hash.map(hex::encode),
        }
    }
}
