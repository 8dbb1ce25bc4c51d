//! The readings that a token permits. Optional readings are fetched only if their scope is granted; required ones
//! always, so that a missing scope is reported.

use auth0::Session;
use domain::readings::{Part, ReadingKind};
use domain::scope::Scopes;
use domain::sync::ReadingReport;
use domain::tenant::Outcome;
use jiff::Timestamp;

/// The outcome of each reading.
pub type Readings = Vec<(Outcome, ReadingReport)>;

/// Fetches everything that the session's token permits.
pub async fn read_permitted(
    session: &Session,
    deadline: Timestamp,
    on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
) -> Readings {
    let mut readings = Readings::new();
    let mut before = Scopes::default();
    loop {
        // The token may have been renewed with newly granted scopes. Their readings are then fetched too, because
        // their checks are evaluated by that token.
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

/// Fetches the first page of everything that the session's token permits.
pub async fn probe_permitted(session: &Session, deadline: Timestamp) -> Readings {
    session.probe_all(&ReadingKind::fetched_with(&granted_to(session)), deadline).await
}

fn granted_to(session: &Session) -> Scopes {
    session.token_facts().scopes().unwrap_or_default()
}

fn is_in(readings: &Readings, kind: ReadingKind) -> bool {
    readings.iter().any(|(_, report)| report.reading == kind)
}

/// Whether the newer scopes add a part to this reading.
fn has_more(kind: ReadingKind, before: &Scopes, granted: &Scopes) -> bool {
    Part::for_kind(kind).any(|part| part.is_given_to(granted) && !part.is_given_to(before))
}
