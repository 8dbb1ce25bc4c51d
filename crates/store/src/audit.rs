//! The audit: who did what from where. Rows are only ever added.

use std::net::SocketAddr;

use domain::OrganisationId;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::value::{at, json, text};
use crate::{Error, Store};

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
    /// Where the request came from.
    pub source_address: Option<SocketAddr>,
    /// What was asked for, as `integration.create`.
    pub action: &'static str,
    /// On which object.
    pub target: Option<Uuid>,
    /// `done` or `refused`.
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

/// Adds the same row for each of these objects, in one statement.
pub(crate) async fn insert_for(
    connection: &mut PgConnection,
    entry: &AuditEntry,
    targets: &[Option<Uuid>],
) -> Result<(), Error> {
    let sql = "/* store.insert_audit */
        insert into audit_events
            (organisation_id, at, actor_subject, actor_email, source_address, source_port, action,
             target_id, outcome, request_id, details)
        select $1, $2, $3, $4, $5::text::inet, $6, $7, target, $9, $10, $11
        from unnest($8::uuid[]) as target";
    sqlx::query(sql)
        .bind(entry.organisation_id.as_str())
        .bind(at(entry.at))
        .bind(text(&entry.actor_subject))
        .bind(text(&entry.actor_email))
        .bind(entry.source_address.map(|address| address.ip().to_string()))
        .bind(entry.source_address.map(|address| i32::from(address.port())))
        .bind(entry.action)
        .bind(targets)
        .bind(entry.outcome)
        .bind(text(&entry.request_id))
        .bind(json(&entry.details)?)
        .execute(connection)
        .await?;
    Ok(())
}
