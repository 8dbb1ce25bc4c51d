//! Cache of a JSON Web Key Set (JWKS). One request at a time refreshes it. A token with an unknown key id triggers
//! a refresh, at most once per cool-down. Cached keys stay in use while the source is down. The caller
//! provides the HTTP client.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::keys::KeySet;
use super::{Algorithm, TokenError};

/// Fetches the text of a JSON Web Key Set. The error is logged.
pub type KeySource = Arc<dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

/// Age after which the next request refreshes the keys.
pub(super) const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Minimum time between two fetches.
pub(super) const COOL_DOWN: SignedDuration = SignedDuration::from_secs(30);
/// Timeout of a fetch.
const FETCH_TIME: Duration = Duration::from_secs(5);

pub struct RemoteKeys {
    source: KeySource,
    /// Age after which keys are not trusted even while the source is down: they may have been revoked.
    stale_max: SignedDuration,
    known: Mutex<KeyCache>,
    /// Held during a fetch.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct KeyCache {
    keys: Option<(Arc<KeySet>, Timestamp)>,
    tried_at: Option<Timestamp>,
    failure: Option<String>,
}

impl RemoteKeys {
    pub fn new(source: KeySource, stale_max: SignedDuration) -> Self {
        let fetching = tokio::sync::Mutex::new(());
        Self { source, stale_max, known: Mutex::default(), fetching }
    }

    /// The key set, if it has a key for this key id and algorithm.
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
        let known = match (usable(&known, self.stale_max), self.fetching.try_lock()) {
            // Another request is fetching; the cached keys suffice.
            (Some(keys), Err(_)) => return Ok(keys),
            (_, Ok(guard)) => self.refresh(now, guard).await,
            (None, Err(_)) => self.refresh(now, self.fetching.lock().await).await,
        };
        if let Some(keys) = usable(&known, self.stale_max) {
            return Ok(keys);
        }
        match known.failure {
            Some(failure) => Err(TokenError::NoKeys(failure)),
            None => Err(TokenError::Token("the token is not signed by a key that is trusted here")),
        }
    }

    /// Fetches the key set, unless another request just did.
    async fn refresh(&self, now: Timestamp, _: tokio::sync::MutexGuard<'_, ()>) -> KeyCache {
        let known = self.known();
        if known.tried_at.is_some_and(|at| now.duration_since(at) < COOL_DOWN) {
            return known;
        }
        // Recorded first, so that a request that is dropped during the fetch counts as an attempt.
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
