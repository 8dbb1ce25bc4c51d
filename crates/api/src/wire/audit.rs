//! Audit events, and the result of verifying their hash chain.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;

/// Details of an audit event. Which members are there depends on `action` and `outcome`; members may be added.
#[derive(ToSchema)]
#[schema(example = json!({"status": 412, "code": "precondition_failed"}))]
#[expect(dead_code, reason = "a schema: details are stored as JSON")]
pub struct AuditDetails {
    /// The status of a refused or denied request.
    #[schema(nullable = false)]
    status: Option<u16>,
    /// The problem code of a refused or denied request.
    #[schema(nullable = false)]
    code: Option<String>,
    /// Number of earlier `denied` events of this caller that were left out.
    #[schema(nullable = false)]
    left_out: Option<u64>,
    /// The connection that was tested or saved.
    #[schema(nullable = false)]
    connection: Option<AuditConnection>,
    /// Result code of the test. Null: none was run.
    connection_test: Option<String>,
    /// The host that was called. Null: none was.
    host: Option<String>,
    /// Expiry of an acceptance, a secret, a credential or a token. Null: none.
    expires_at: Option<String>,
    /// Reason of an acceptance, or of a refused token request.
    #[schema(nullable = false)]
    reason: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Fields of a connection, before and after.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema: details are stored as JSON")]
pub struct AuditConnection {
    api_identifier: AuditChange,
    api_audience: AuditChange,
    client_id: AuditChange,
    client_secret: AuditSecret,
}

/// A field before and after.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema: details are stored as JSON")]
pub struct AuditChange {
    /// Null: nothing was saved.
    old: Option<String>,
    new: String,
}

/// The client secret of the request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema: details are stored as JSON")]
pub struct AuditSecret {
    /// Whether the request had a secret.
    changed: bool,
}

/// One event of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "seq": 42, "at": "2026-11-24T06:00:00.000000Z", "actor_subject": "auth0|1", "actor_email": "ada@acme.example",
    "source_address": "192.0.2.1", "source_port": 4711, "action": "update_integration",
    "target": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "outcome": "refused", "request_id": "req-1",
    "own_request_id": "01996e1e-2f0a-7c1d-8e55-0b6a7d1c2e90",
    "details": {"status": 412, "code": "precondition_failed"},
    "hash": "3df19ac4009ab8caebdc344a382e14205b1bac5741409ba0e155d0f8256949bc"
}))]
pub struct AuditEvent {
    /// Position in the organisation's hash chain, from 1. Null: the event is older than the chain.
    pub seq: Option<i64>,
    pub at: Timestamp,
    /// The subject of the caller's token.
    pub actor_subject: String,
    /// The caller's e-mail address.
    pub actor_email: String,
    /// IP address of the client.
    pub source_address: Option<String>,
    /// Port of the client. Null: not known.
    pub source_port: Option<i32>,
    /// Operation id.
    pub action: String,
    /// Id of the object.
    pub target: Option<Uuid>,
    /// `done`; `refused`: the request could not be fulfilled; `denied`: the caller lacks permission.
    pub outcome: String,
    /// From `X-Request-Id` of the request, or made by the service.
    pub request_id: String,
    /// An id of the service's own, which no client can choose. Null: `request_id` is one.
    pub own_request_id: Option<String>,
    /// Null: none.
    #[schema(value_type = Option<AuditDetails>)]
    pub details: Value,
    /// SHA-256 of the event and the hash of the previous event.
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
            own_request_id: event.own_request_id,
            details: event.details,
            hash: event.hash,
        }
    }
}

/// Result of verifying the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "intact": true, "entries": 42, "first_seq": 1, "last_seq": 42,
    "head_hash": "3df19ac4009ab8caebdc344a382e14205b1bac5741409ba0e155d0f8256949bc",
    "next_from_seq": null, "broken_at": null
}))]
pub struct AuditVerification {
    /// Whether the events from `first_seq` to the end of the chain are intact; starting at 1 covers the
    /// whole chain, from the first event that retention has left. Null: no break was found yet and more events remain, or `from_seq` is beyond the end.
    pub intact: Option<bool>,
    /// Number of events verified.
    pub entries: u64,
    /// First event verified.
    pub first_seq: Option<i64>,
    /// Last event verified.
    pub last_seq: Option<i64>,
    /// Hash at the end of the chain. Store it elsewhere to detect later that the chain was rewritten.
    pub head_hash: Option<String>,
    /// `from_seq` of the next request. Null: nothing remains.
    pub next_from_seq: Option<i64>,
    /// The first break of the chain. Null: none was found.
    pub broken_at: Option<AuditBreak>,
}

/// A break of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditBreak {
    /// Position of the event.
    pub seq: i64,
    /// `missing`; `changed`; `unlinked`: the event does not follow the previous one; `head`: the events do
    /// not end where the chain ends; `checkpoint`: the record of the events that retention deleted was changed.
    pub reason: &'static str,
}

impl AuditVerification {
    /// The result of verifying from this position on.
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
