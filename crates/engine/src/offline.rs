//! Reads a tenant without a database: for the command line.

use std::time::Duration;

use auth0::{Auth0, Freshness, OpenError};
use domain::Clock;
use domain::connection::Connection;
use domain::readings::{Reading, ReadingKind};
use domain::tenant::{Outcome, Tenant};

use crate::granted::read_granted;

/// Named in the `User-Agent` where a sync has its id.
const WHO: &str = "command-line";

/// Everything that the granted scopes allow to read, as a sync would read it.
pub async fn read_tenant(
    auth0: &Auth0,
    connection: &Connection,
    clock: &dyn Clock,
    at_most: Duration,
) -> Result<Tenant, OpenError> {
    let session = auth0.open(connection, Freshness::Fresh, WHO).await?;
    let readings = read_granted(&session, clock.now() + at_most, &|_| ()).await;
    let mut tenant = Tenant::new(connection.client_id.clone(), clock.now());
    let facts = Reading::TokenFacts(session.token_facts());
    tenant.insert(ReadingKind::TokenFacts, Outcome::Read(facts));
    for (outcome, report) in readings {
        tenant.insert(report.reading, outcome);
    }
    Ok(tenant)
}
