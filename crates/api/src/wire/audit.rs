//! The audit: its rows, and whether they are whole.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;

/// One row of the audit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "seq": 42, "at": "2026-11-24T06:00:00.000000Z", "actor_subject": "auth0|1", "actor_email": "ada@acme.example",
    "source_address": "192.0.2.1", "source_port": 4711, "action": "update_integration",
    "target": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "outcome": "refused", "request_id": "req-1",
    "details": {"status": 412, "code": "precondition_failed"},
    "hash": "3df19ac4009ab8caebdc344a382e14205b1bac5741409ba0e155d0f8256949bc"
}))]
pub struct AuditEvent {
    /// Its place in the chain of the organisation, from 1; null in rows of before there was one.
    pub seq: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// The subject of the caller's token.
    pub actor_subject: String,
    /// The caller's e-mail.
    pub actor_email: String,
    /// Where the request came from.
    pub source_address: Option<String>,
    /// From which port, where it is known.
    pub source_port: Option<i32>,
    /// The id of the operation.
    pub action: String,
    /// On which object.
    pub target: Option<Uuid>,
    /// `done`; `refused`: it could not be done; `denied`: the caller may not.
    pub outcome: String,
    /// The request's id.
    pub request_id: String,
    /// More; of what was refused `status` and `code`; of tests, creation and changes of a connection
    /// `connection`, `connection_test` and `host`. Members may be added.
    #[schema(value_type = Option<Object>)]
    pub details: Value,
    /// SHA-256 over the row and the hash of the row before it.
    pub hash: Option<String>,
}

impl From<store::AuditEvent> for AuditEvent {
    fn from(event: store::AuditEvent) -> Self {
        Self {
            seq: event.seq,
            at: event.at.into(),
            actor_subject: event.actor_subject,
            actor_email: event.actor_email,
            source_address: event.source_address,
            source_port: event.source_port,
            action: event.action,
            target: event.target_id,
            outcome: event.outcome,
            request_id: event.request_id,
            details: event.details,
            hash: event.hash,
        }
    }
}

/// Whether the audit is whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "intact": true, "entries": 42, "first_seq": 1, "last_seq": 42,
    "head_hash": "3df19ac4009ab8caebdc344a382e14205b1bac5741409ba0e155d0f8256949bc",
    "next_from_seq": null, "broken_at": null
}))]
pub struct AuditVerification {
    /// Of the rows from `first_seq` on, to the end of the chain; who began at 1 knows it of all. Null while
    /// there is more to look at and nothing is broken so far, and where `from_seq` lies beyond the end.
    pub intact: Option<bool>,
    /// Rows that were looked at.
    pub entries: u64,
    /// The first of them.
    pub first_seq: Option<i64>,
    /// The last of them.
    pub last_seq: Option<i64>,
    /// The hash at the end of the whole chain. Who notes it elsewhere can tell later that nothing before
    /// it was rewritten.
    pub head_hash: Option<String>,
    /// `from_seq` of the request that goes on.
    pub next_from_seq: Option<i64>,
    /// The first fault.
    pub broken_at: Option<AuditBreak>,
}

/// Where the chain is broken.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditBreak {
    /// At which row.
    pub seq: i64,
    /// `missing`; `changed`; `unlinked`: it does not follow the row before it; `head`: the rows do not end
    /// where the chain ends.
    pub reason: &'static str,
}

impl AuditVerification {
    /// What was found from this row on.
    pub fn new(found: store::Verified, from_seq: i64) -> Self {
        let is_beyond = found.entries == 0 && from_seq > 1;
        let intact = match (&found.broken_at, found.next_from_seq) {
            (Some(_), _) => Some(false),
            (None, None) if !is_beyond => Some(true),
            (None, _) => None,
        };
        Self {
            intact,
            entries: found.entries,
            first_seq: found.first_seq,
            last_seq: found.last_seq,
            head_hash: found.head_hash,
            next_from_seq: found.next_from_seq,
            broken_at: found.broken_at.map(|at| AuditBreak { seq: at.seq, reason: at.reason }),
        }
    }
}
