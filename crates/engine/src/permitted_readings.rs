//! Which readings a token may fetch. Optional ones are asked for only where their scope is granted; what
//! is required is asked for anyway, so that a missing scope is told.

use auth0::Session;
use domain::readings::{Part, ReadingKind};
use domain::scope::Scopes;
use domain::sync::ReadingReport;
use domain::tenant::Outcome;
use jiff::Timestamp;

/// What became of each reading.
pub type Readings = Vec<(Outcome, ReadingReport)>;

/// Reads everything that the session's token may read.
pub async fn read_permitted(
    session: &Session,
    deadline: Timestamp,
    on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
) -> Readings {
    let mut readings = Readings::new();
    let mut before = Scopes::default();
    loop {
        // Once more, should the token have been renewed with scopes that were granted meanwhile: the
        // checks that they bring are judged by that token.
        let granted = granted_to(session);
        let mut kinds = ReadingKind::fetched_with(&granted);
        kinds.retain(|kind| !is_in(&readings, *kind) || has_more(*kind, &before, &granted));
        if kinds.is_empty() {
            return readings;
        }
        for (outcome, report) in session.read_all(&kinds, deadline, on_done).await {
            if matches!(outcome, Outcome::Read(_)) || !is_in(&readings, report.reading) {
                readings.retain(|(_, earlier)| earlier.reading != report.reading);
                readings.push((outcome, report));
            }
        }
        before = granted;
    }
}

/// Sees what the session's token can read.
pub async fn probe_permitted(session: &Session, deadline: Timestamp) -> Readings {
    session.probe_all(&ReadingKind::fetched_with(&granted_to(session)), deadline).await
}

fn granted_to(session: &Session) -> Scopes {
    session.token_facts().scopes().unwrap_or_default()
}

fn is_in(readings: &Readings, kind: ReadingKind) -> bool {
    readings.iter().any(|(_, report)| report.reading == kind)
}

/// Whether the newer scopes show a part of it that the older ones did not.
fn has_more(kind: ReadingKind, before: &Scopes, granted: &Scopes) -> bool {
    Part::for_kind(kind).any(|part| part.is_given_to(granted) && !part.is_given_to(before))
}
