//! Keys that are fetched: cached, refreshed by one request at a time, asked for again when a token
//! names an unknown one (keys rotate) but not more often than the cool-down, and kept while the
//! source is down. Not here: HTTP, which the caller brings.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::keys::KeySet;
use super::{Algorithm, TokenError};

/// Fetches the text of a JSON Web Key Set. The error is for the log.
pub type KeySource = Arc<dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

/// Keys older than this are fetched again at the next request.
pub(super) const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The shortest time between two fetches.
pub(super) const COOL_DOWN: SignedDuration = SignedDuration::from_secs(30);
/// Keys older than this are no longer trusted though the source is down: it may have revoked them.
pub(super) const STALE_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a request waits for the source.
const FETCH_TIME: Duration = Duration::from_secs(5);

pub struct RemoteKeys {
    source: KeySource,
    known: Mutex<KeyCache>,
    /// Held by the one that fetches.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct KeyCache {
    keys: Option<(Arc<KeySet>, Timestamp)>,
    tried_at: Option<Timestamp>,
    failure: Option<String>,
}

impl RemoteKeys {
    pub fn new(source: KeySource) -> Self {
        Self { source, known: Mutex::default(), fetching: tokio::sync::Mutex::new(()) }
    }

    /// Keys among which is one that could have signed a token of this kind.
    pub async fn for_token(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, TokenError> {
        let usable = |known: &KeyCache, age_max: SignedDuration| {
            let (keys, at) = known.keys.as_ref()?;
            let is_usable = now.duration_since(*at) < age_max && keys.has(key_id, algorithm);
            is_usable.then(|| Arc::clone(keys))
        };
        let known = self.known();
        if let Some(keys) = usable(&known, FRESH_FOR) {
            return Ok(keys);
        }
        let known = match (usable(&known, STALE_FOR), self.fetching.try_lock()) {
            // Another request is fetching, and what we have will do meanwhile.
            (Some(keys), Err(_)) => return Ok(keys),
            (_, Ok(guard)) => self.refresh(now, guard).await,
            (None, Err(_)) => self.refresh(now, self.fetching.lock().await).await,
        };
        if let Some(keys) = usable(&known, STALE_FOR) {
            return Ok(keys);
        }
        match known.failure {
            Some(failure) => Err(TokenError::NoKeys(failure)),
            None => Err(TokenError::Token("the token is not signed by a key that is trusted here")),
        }
    }

    /// Fetches, unless somebody just did.
    async fn refresh(&self, now: Timestamp, _: tokio::sync::MutexGuard<'_, ()>) -> KeyCache {
        let known = self.known();
        if known.tried_at.is_some_and(|at| now.duration_since(at) < COOL_DOWN) {
            return known;
        }
        // Noted first: a request that is dropped in the middle of it has tried too.
        self.update_cache(|known| {
            known.tried_at = Some(now);
            known.failure = Some("the fetch of the key set did not end".into());
        });
        let fetched = match tokio::time::timeout(FETCH_TIME, (self.source)()).await {
            Ok(text) => text.and_then(|text| KeySet::from_jwks(&text)),
            Err(_) => Err("the source of the key set does not answer in time".into()),
        };
        self.update_cache(|known| match fetched {
            Ok(keys) => {
                known.keys = Some((Arc::new(keys), now));
                known.failure = None;
            }
            Err(failure) => {
                tracing::warn!(failure, "the key set for callers' tokens cannot be refreshed");
                known.failure = Some(failure);
            }
        });
        self.known()
    }

    fn known(&self) -> KeyCache {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update_cache(&self, change: impl FnOnce(&mut KeyCache)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
