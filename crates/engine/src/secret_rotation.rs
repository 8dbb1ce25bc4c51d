//! Secret rotation without downtime: a next secret is stored in advance, tried when Auth0 refuses the current one,
//! and promoted when Auth0 accepts it. Token requests are in `auth0`.

use auth0::{Caller, ConnectError, Freshness, Session};
use domain::clock::rfc3339;
use domain::connection::Connection;
use domain::connection_test::StepCode;
use domain::form::NewNextSecret;
use domain::history::{BY_MACHINE, HistoryEntry, MachineChange};
use domain::integration::Integration;
use domain::sync::SYSTEM;
use domain::{HistoryEntryId, IntegrationId};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use store::{AuditEntry, NextSecretPut, Promotion, Secrets};

use crate::{Actor, Engine, Error};

const UNREADABLE: &str =
    "The next secret cannot be opened with the configured encryption keys, so it was not tried.";
const REFUSED_TOO: &str = "The next secret was refused as well.";

/// The secret to try when the current one is refused, or why it cannot be decrypted.
pub(crate) type NextSecret<'a> = Option<&'a Result<SecretString, store::Error>>;

/// A session and the secret that it uses.
pub(crate) struct OpenedSession {
    pub session: Session,
    /// The tenant refused the current secret and accepted the next one.
    pub by_next: bool,
}

/// The records of a promotion.
pub(crate) struct PromotionRows {
    pub entry: HistoryEntry,
    pub audit: AuditEntry,
}

impl Engine {
    /// Stores a next secret without testing it, because the tenant need not accept it yet.
    pub async fn put_next_secret(
        &self,
        actor: &Actor,
        id: IntegrationId,
        next: NewNextSecret,
    ) -> Result<Integration, Error> {
        let begun = self.begin_entry();
        let saved = self.get_active(actor, id).await?;
        let details = json!({"changed_fields": ["next_secret"]});
        let message = "A next client secret was put. It takes its place when Auth0 refuses the \
                       present one.";
        let entry = self.update_entry(actor, id, begun, message, details);
        let mut audit = self.audit(actor, "put_next_secret", Some(id.0));
        audit.details = json!({"expires_at": next.expires_at.map(rfc3339)});
        let put = NextSecretPut { secret: &next.client_secret, expires_at: next.expires_at };
        if let Some(done) = self.store().put_next_secret(&saved, put, &entry, &audit).await? {
            return Ok(done);
        }
        // Deleted meanwhile, or its origin or client changed: the secret was not meant for those.
        self.get_active(actor, id).await?;
        Err(Error::Moved(id))
    }

    /// Withdraws the next secret; does nothing without one.
    pub async fn withdraw_next_secret(
        &self,
        actor: &Actor,
        id: IntegrationId,
    ) -> Result<Integration, Error> {
        let begun = self.begin_entry();
        self.get_active(actor, id).await?;
        let details = json!({"changed_fields": ["next_secret"]});
        let entry =
            self.update_entry(actor, id, begun, "The next client secret was withdrawn.", details);
        let audit = self.audit(actor, "delete_next_secret", Some(id.0));
        self.store().withdraw_next_secret(&actor.organisation_id, id, &entry, &audit).await?;
        self.get_active(actor, id).await
    }

    /// Opens a session. If the tenant refuses the secret itself, tries the next one. If it refuses both, the error is
    /// that of the current one, with a remark.
    pub(crate) async fn open_rotating(
        &self,
        connection: &Connection,
        next: NextSecret<'_>,
        freshness: Freshness,
        caller: Caller<'_>,
        deadline: Timestamp,
    ) -> Result<OpenedSession, ConnectError> {
        let refusal = match self.auth0().open(connection, freshness, caller, deadline).await {
            Ok(session) => return Ok(OpenedSession { session, by_next: false }),
            Err(error) => error,
        };
        let next = match next {
            Some(next) if refusal.code == StepCode::InvalidClient => next,
            _ => return Err(refusal),
        };
        let Ok(next) = next else { return Err(append_message(refusal, UNREADABLE)) };
        let connection = Connection { client_secret: next.clone(), ..connection.clone() };
        match self.auth0().open(&connection, freshness, caller, deadline).await {
            Ok(session) => {
                session.add_earlier(&refusal);
                Ok(OpenedSession { session, by_next: true })
            }
            Err(second) => Err(combine_errors(refusal, &second)),
        }
    }

    /// Replaces the refused secret with the accepted next one, and drops the cached tokens of the former. False: a
    /// secret was changed meanwhile, and nothing changed.
    pub(crate) async fn promote(
        &self,
        integration: &Integration,
        secrets: &Secrets,
        request_id: &str,
    ) -> Result<bool, store::Error> {
        let PromotionRows { entry, audit } = self.promotion_rows(integration, secrets, request_id);
        let promotion = Promotion {
            org: &integration.organisation_id,
            id: integration.id,
            secrets,
            now: audit.at,
            entry: &entry,
            audit: &audit,
        };
        let is_promoted = self.store().promote_next_secret(promotion).await?;
        if let (true, Ok(refused)) = (is_promoted, secrets.current()) {
            self.forget(&integration.settings.connection(refused));
        }
        tracing::info!(integration_id = %integration.id, is_promoted, "Auth0 accepted the next secret");
        Ok(is_promoted)
    }

    pub(crate) fn promotion_rows(
        &self,
        integration: &Integration,
        secrets: &Secrets,
        request_id: &str,
    ) -> PromotionRows {
        let now = self.clock().now();
        let mut changed = vec!["client_secret"];
        if integration.settings.client_secret_expires_at != secrets.next_expires_at {
            changed.push("client_secret_expires_at");
        }
        let organisation = integration.organisation_id.clone();
        let entry_id = HistoryEntryId(self.ids().next());
        let entry = HistoryEntry {
            message:
                "Auth0 refused the client secret and accepted the next one, which took its place."
                    .to_owned(),
            details: json!({
                BY_MACHINE: MachineChange::SecretPromoted.name(), "changed_fields": changed
            }),
            ..HistoryEntry::update(organisation, entry_id, integration.id, now, SYSTEM)
        };
        let audit = AuditEntry {
            organisation_id: integration.organisation_id.clone(),
            at: now,
            actor_subject: SYSTEM.to_owned(),
            actor_email: SYSTEM.to_owned(),
            source_address: None,
            action: "promote_next_secret",
            target: Some(integration.id.0),
            outcome: "done",
            request_id: request_id.to_owned(),
            own_request_id: None,
            details: Value::Null,
        };
        PromotionRows { entry, audit }
    }
}

fn append_message(mut refusal: ConnectError, more: &str) -> ConnectError {
    refusal.message = format!("{} {more}", refusal.message);
    refusal
}

/// The failure is that of the current secret. If the next one failed for a transient reason, a retry can help.
fn combine_errors(refusal: ConnectError, second: &ConnectError) -> ConnectError {
    let mut both = match second.code {
        StepCode::InvalidClient => append_message(refusal, REFUSED_TOO),
        _ => append_message(refusal, &format!("With the next secret: {}", second.message)),
    };
    both.retryable = second.retryable;
    both.calls += second.calls;
    both.rate_limited += second.rate_limited;
    both
}
