//! Reads a tenant without a database, for the command line.

use std::time::Duration;

use auth0::{Auth0, Freshness};
use domain::Clock;
use domain::connection::Connection;
use domain::readings::{Reading, ReadingKind};
use domain::sync::{Failure, ReadingReport};
use domain::tenant::{Outcome, Tenant};

use crate::failure;
use crate::permitted_readings::read_permitted;

/// In the `User-Agent`, in place of a sync's id.
const WHO: &str = "command-line";

/// Reads what the granted scopes allow, as a sync does. Fails where a sync fails: if there is no token, or if no
/// essential reading succeeds.
pub async fn read_tenant(
    auth0: &Auth0,
    connection: &Connection,
    clock: &dyn Clock,
    at_most: Duration,
) -> Result<Tenant, Failure> {
    let deadline = clock.now() + at_most;
    let opened = auth0.open(connection, Freshness::Fresh, WHO, deadline).await;
    let session = opened.map_err(|error| failure::refused(&error))?;
    let readings = read_permitted(&session, deadline, &|_| ()).await;
    let mut tenant = Tenant::new(connection.client_id.clone(), clock.now());
    let facts = Reading::TokenFacts(session.token_facts());
    tenant.insert(ReadingKind::TokenFacts, Outcome::Read(facts));
    let mut reports: Vec<ReadingReport> = Vec::new();
    for (outcome, report) in readings {
        tenant.insert(report.reading, outcome);
        reports.push(report);
    }
    failure::nothing_essential_read(&session, &reports).map_or(Ok(tenant), Err)
}
