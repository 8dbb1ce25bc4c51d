//! The rows of audit events.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::AuditEntry;
use crate::Error;
use crate::convert::{SqlTimestamp, from_sql_time, json, text};

/// What the hash covers, as Postgres stores it: with every rewriting by Postgres or this crate applied.
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
    pub own_request_id: Option<String>,
    pub details: Value,
}

/// The row of an entry.
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
        own_request_id: entry.own_request_id.as_deref().map(text),
        details: json(&entry.details)?,
    })
}

/// None: a proxy did not state the port.
pub(super) fn port(address: Option<SocketAddr>) -> Option<i32> {
    address.map(|address| i32::from(address.port())).filter(|port| *port != 0)
}

/// Position in the list of audit events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AuditPosition {
    /// After this event of the organisation's chain.
    Chained { seq: i64 },
    /// After the row with this number, which counts across organisations. For rows older than the chain, and for
    /// cursors older than `Chained`.
    Numbered(i64),
}

/// An audit event.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    pub position: AuditPosition,
    /// Position in the chain. None: older than the chain.
    pub seq: Option<i64>,
    pub at: Timestamp,
    pub actor_subject: String,
    pub actor_email: String,
    /// Address of the client.
    pub source_address: Option<String>,
    pub source_port: Option<i32>,
    pub action: String,
    pub target_id: Option<Uuid>,
    /// `done`, `refused` or `denied`.
    pub outcome: String,
    pub request_id: String,
    /// The service's own, if the client chose `request_id`.
    pub own_request_id: Option<String>,
    pub details: Value,
    /// Hexadecimal.
    pub hash: Option<String>,
}

macro_rules! audit_columns {
    () => {
        "sequence, seq, at, actor_subject, actor_email, host(source_address) as source_address,
         source_port, action, target_id, outcome, request_id, own_request_id, details, previous_hash,
         hash"
    };
}
pub(super) use audit_columns;

#[derive(sqlx::FromRow)]
pub(super) struct AuditRow {
    sequence: i64,
    pub seq: Option<i64>,
    pub at: SqlTimestamp,
    actor_subject: String,
    actor_email: String,
    source_address: Option<String>,
    source_port: Option<i32>,
    action: String,
    target_id: Option<Uuid>,
    outcome: String,
    request_id: String,
    own_request_id: Option<String>,
    details: Value,
    pub previous_hash: Option<Vec<u8>>,
    pub hash: Option<Vec<u8>>,
}

impl AuditRow {
    /// The fields that the hash must cover. An address that does not parse was not written by this service.
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
            own_request_id: self.own_request_id,
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
            own_request_id: row.own_request_id,
            details: row.details,
            hash: row.hash.map(hex::encode),
        }
    }
}
