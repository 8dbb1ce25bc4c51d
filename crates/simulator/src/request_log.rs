//! The requests to a tenant, for assertions in tests. Bodies, secrets and tokens are never stored.

use http::request::Parts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::form_urlencoded;

/// Older requests are dropped, so that the log of a long-running tenant stays small.
const ENTRIES_MAX: usize = 10_000;
const MAX_TEXT: usize = 2_048;

/// Query parameters whose values are secrets.
const SECRET_PARAMETERS: &[&str] =
    &["access_token", "client_assertion", "client_secret", "code", "password", "refresh_token"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedRequest {
    pub at: Timestamp,
    pub method: String,
    /// Includes the query, without the values of secret parameters.
    pub path: String,
    pub user_agent: Option<String>,
    /// From the body or the Basic header of a token request, or from an accepted token.
    pub client_id: Option<String>,
    /// 0 while there is no response, also if the connection was closed without one.
    pub status: u16,
    /// The names of the body's members, sorted.
    pub body_keys: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    entries: VecDeque<LoggedRequest>,
    /// The number of the first entry. Numbers are not reused.
    first: u64,
}

impl RequestLog {
    /// Adds a request and returns its number.
    pub fn begin(&self, parts: &Parts, now: Timestamp) -> u64 {
        let mut log = self.lock();
        if log.entries.len() == ENTRIES_MAX {
            log.entries.pop_front();
            log.first += 1;
        }
        log.entries.push_back(LoggedRequest {
            at: now,
            method: parts.method.to_string(),
            path: loggable_path(parts),
            user_agent: parts
                .headers
                .get(http::header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(|text| bounded(text).to_owned()),
            client_id: None,
            status: 0,
            body_keys: Vec::new(),
        });
        log.first + log.entries.len() as u64 - 1
    }

    /// Completes an entry. Does nothing if it was dropped.
    pub fn amend(&self, number: u64, change: impl FnOnce(&mut LoggedRequest)) {
        let mut log = self.lock();
        let index = number.checked_sub(log.first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| log.entries.get_mut(index)) {
            change(entry);
        }
    }

    pub fn list(&self) -> Vec<LoggedRequest> {
        self.lock().entries.iter().cloned().collect()
    }

    pub fn clear(&self) {
        let mut log = self.lock();
        log.first += log.entries.len() as u64;
        log.entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn loggable_path(parts: &Parts) -> String {
    let path = bounded(parts.uri.path());
    let Some(query) = parts.uri.query() else { return path.to_owned() };
    let holds_secret = form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| SECRET_PARAMETERS.contains(&name.as_ref()));
    if !holds_secret {
        return format!("{path}?{}", bounded(query));
    }
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let secret = SECRET_PARAMETERS.contains(&name.as_ref());
        kept.append_pair(&name, if secret { "" } else { &value });
    }
    format!("{path}?{}", bounded(&kept.finish()))
}

pub(crate) fn bounded(text: &str) -> &str {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Parts {
        http::Request::get(path).header("user-agent", "test").body(()).unwrap().into_parts().0
    }

    #[test]
    fn requests_are_listed_in_order_and_can_be_amended() {
        let log = RequestLog::default();
        let first = log.begin(&parts("/a?x=1"), Timestamp::UNIX_EPOCH);
        let second = log.begin(&parts("/b"), Timestamp::UNIX_EPOCH);
        log.amend(first, |entry| entry.status = 200);
        log.clear();
        log.amend(second, |entry| entry.status = 500);
        let third = log.begin(&parts("/c"), Timestamp::UNIX_EPOCH);
        log.amend(third, |entry| entry.status = 404);
        let entries = log.list();
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].path.as_str(), entries[0].status), ("/c", 404));
        assert_eq!(entries[0].user_agent.as_deref(), Some("test"));
    }

    #[test]
    fn a_secret_in_a_query_is_not_stored() {
        let log = RequestLog::default();
        log.begin(&parts("/a?client_secret=hush&x=1"), Timestamp::UNIX_EPOCH);
        assert_eq!(log.list()[0].path, "/a?client_secret=&x=1");
    }

    #[test]
    fn the_log_is_bounded() {
        let log = RequestLog::default();
        for _ in 0..=ENTRIES_MAX {
            log.begin(&parts("/a"), Timestamp::UNIX_EPOCH);
        }
        let last = log.begin(&parts("/last"), Timestamp::UNIX_EPOCH);
        log.amend(last, |entry| entry.status = 200);
        assert_eq!(log.list().len(), ENTRIES_MAX);
        assert_eq!(log.list().last().unwrap().status, 200);
    }
}
