//! Which readings a token may fetch. Optional ones are asked for only where their scope is granted; what
//! is required is asked for anyway, so that a missing scope is told.

use auth0::Session;
use domain::readings::ReadingKind;
use domain::sync::ReadingReport;
use domain::tenant::Outcome;
use jiff::Timestamp;

/// What became of each reading.
pub type Readings = Vec<(Outcome, ReadingReport)>;

/// Reads everything that the session's token may read.
pub async fn read_granted(
    session: &Session,
    deadline: Timestamp,
    on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
) -> Readings {
    let mut readings = Readings::new();
    loop {
        // Once more, should the token have been renewed with scopes that were granted meanwhile: the
        // checks that they bring are judged by that token.
        let kinds = still_to_read(session, &readings);
        if kinds.is_empty() {
            return readings;
        }
        readings.extend(session.read_all(&kinds, deadline, on_done).await);
    }
}

/// Sees what the session's token can read.
pub async fn probe_granted(session: &Session, deadline: Timestamp) -> Readings {
    session.probe_all(&still_to_read(session, &Readings::new()), deadline).await
}

fn still_to_read(session: &Session, readings: &Readings) -> Vec<ReadingKind> {
    let scopes = session.token_facts().scopes().unwrap_or_default();
    let mut kinds = ReadingKind::fetched_with(&scopes);
    kinds.retain(|kind| readings.iter().all(|(_, report)| report.reading != *kind));
    kinds
}
