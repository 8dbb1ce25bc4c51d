//! The caller of an operation, and its audit events.

use std::net::SocketAddr;

use domain::OrganisationId;
use serde_json::Value;
use store::AuditEntry;
use uuid::Uuid;

use crate::Engine;

#[derive(Debug, Clone)]
pub struct Actor {
    pub organisation_id: OrganisationId,
    /// The `sub` of the token.
    pub subject: String,
    /// Shown in Started By.
    pub email: String,
    /// Address of the client.
    pub source_address: Option<SocketAddr>,
    pub request_id: String,
    /// The service's own, if the client chose `request_id`.
    pub own_request_id: Option<String>,
}

impl Engine {
    /// Records an operation that was not done: `refused`, or `denied` if the caller lacks the permission.
    pub async fn record_refusal(
        &self,
        actor: &Actor,
        action: &'static str,
        target: Option<Uuid>,
        outcome: &'static str,
        details: Value,
    ) -> Result<(), store::Error> {
        let entry = AuditEntry { outcome, details, ..self.audit(actor, action, target) };
        self.store().insert_audit(&entry).await
    }

    /// Records an export that has ended, in the background.
    pub fn record_export(&self, actor: &Actor, action: &'static str, details: Value) {
        self.enqueue_audit(AuditEntry { details, ..self.audit(actor, action, None) });
    }

    pub(crate) fn audit(
        &self,
        actor: &Actor,
        action: &'static str,
        target: Option<Uuid>,
    ) -> AuditEntry {
        AuditEntry {
            organisation_id: actor.organisation_id.clone(),
            at: self.clock().now(),
            actor_subject: actor.subject.clone(),
            actor_email: actor.email.clone(),
            source_address: actor.source_address,
            action,
            target,
            outcome: "done",
            request_id: actor.request_id.clone(),
            own_request_id: actor.own_request_id.clone(),
            details: Value::Null,
        }
    }
}
