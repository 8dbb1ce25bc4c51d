//! A session at a tenant: a token, which is renewed at most once, and the number of requests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use domain::readings::TokenFacts;
use domain::tenant::RateLimitSnapshot;
use jiff::Timestamp;

use crate::byte_budget::ByteBudget;
use crate::connect_error::{CallStats, ConnectError, OpenTimings};
use crate::deps::Deps;
use crate::lock;
use crate::token::{TenantTarget, Token, TokenOutcome, TokenRequest, TokenRequirement};

pub struct Session {
    pub(crate) deps: Arc<Deps>,
    pub(crate) target: TenantTarget,
    /// Its share of the answers in memory.
    pub(crate) bytes: Arc<ByteBudget>,
    was_cached: bool,
    timings: OpenTimings,
    state: Mutex<TokenState>,
    renewing: tokio::sync::Mutex<()>,
    calls: AtomicU32,
    rate_limited: AtomicU32,
}

/// The token that the session starts with.
pub(crate) struct Opened {
    pub token: Arc<Token>,
    pub was_cached: bool,
    pub stats: CallStats,
}

struct TokenState {
    token: Arc<Token>,
    renewal: Renewal,
    /// Whether all readings may use the renewed token at once.
    is_for_all: bool,
    /// Why the renewal failed.
    refusal: Option<ConnectError>,
}

/// A session renews its token once: a tenant that refuses the second token refuses every token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    None,
    /// The token was refused, and another one is being requested.
    UnderWay,
    /// There is another token, but no response to a request with it yet.
    Unverified,
    /// It was refused once, perhaps only for that resource.
    Suspect,
    Verified,
    /// There is no other token, or it was refused too.
    Exhausted,
}

/// Another token for a reading whose token was refused.
pub(crate) struct RenewedToken<'a> {
    pub token: Arc<Token>,
    /// Held by the reading that tries an unverified token while the others wait, so that a tenant that refuses every
    /// token gets two more requests and not one for each reading.
    pub probe_guard: Option<tokio::sync::MutexGuard<'a, ()>>,
}

impl TokenState {
    fn is_being_replaced(&self) -> bool {
        match self.renewal {
            Renewal::UnderWay => true,
            Renewal::Unverified | Renewal::Suspect => !self.is_for_all,
            Renewal::None | Renewal::Verified | Renewal::Exhausted => false,
        }
    }
}

impl Session {
    pub(crate) fn new(deps: Arc<Deps>, target: TenantTarget, opened: Opened) -> Self {
        Self {
            bytes: deps.bytes.share(deps.limits.session_bytes),
            deps,
            target,
            was_cached: opened.was_cached,
            timings: opened.stats.timings(),
            state: Mutex::new(TokenState {
                token: opened.token,
                renewal: Renewal::None,
                is_for_all: false,
                refusal: None,
            }),
            renewing: tokio::sync::Mutex::new(()),
            calls: AtomicU32::new(opened.stats.calls),
            rate_limited: AtomicU32::new(opened.stats.rate_limited),
        }
    }

    /// The facts of the latest token.
    pub fn token_facts(&self) -> TokenFacts {
        self.token().facts.clone()
    }

    /// How long it took to get the first token.
    pub fn timings(&self) -> OpenTimings {
        self.timings
    }

    /// Whether the first token was cached.
    pub fn was_cached(&self) -> bool {
        self.was_cached
    }

    /// Why the tenant issued no other token after it refused the first. None: it did not refuse the first.
    pub fn refusal(&self) -> Option<ConnectError> {
        lock(&self.state).refusal.clone()
    }

    /// The known state of the tenant's rate limit.
    pub fn pace(&self) -> RateLimitSnapshot {
        self.target.origin.state.rate_limiter.pace()
    }

    /// Restores the state of the tenant's rate limit that another sync saved.
    pub fn remember(&self, pace: RateLimitSnapshot) {
        self.target.origin.state.rate_limiter.remember(pace);
    }

    /// Requests sent so far, token requests included.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Number of 429 responses so far.
    pub fn rate_limited(&self) -> u32 {
        self.rate_limited.load(Ordering::Relaxed)
    }

    /// Adds the requests of a failed attempt before this session.
    pub fn add_earlier(&self, refusal: &ConnectError) {
        self.count(refusal.calls, refusal.rate_limited);
    }

    pub(crate) fn token(&self) -> Arc<Token> {
        Arc::clone(&lock(&self.state).token)
    }

    pub(crate) fn count(&self, calls: u32, rate_limited: u32) {
        self.calls.fetch_add(calls, Ordering::Relaxed);
        self.rate_limited.fetch_add(rate_limited, Ordering::Relaxed);
    }

    /// Records whether the tenant accepted the token of a request; `None` if the response does not show it. Once it
    /// has accepted a renewed token, a refusal concerns only the resource.
    pub(crate) fn record_token_result(&self, token: &Arc<Token>, is_accepted: Option<bool>) {
        let mut state = lock(&self.state);
        if !Arc::ptr_eq(&state.token, token) {
            return;
        }
        state.renewal = match (state.renewal, is_accepted) {
            (Renewal::Unverified | Renewal::Suspect, Some(true)) => Renewal::Verified,
            (Renewal::Unverified, Some(false)) => Renewal::Suspect,
            (Renewal::Suspect, Some(false)) => {
                self.target.cache_entry.drop_token(token);
                Renewal::Exhausted
            }
            (known, _) => known,
        };
        // One after another, the readings would each wait for a tenant that hangs.
        state.is_for_all |= is_accepted.is_none();
    }

    /// Whether calls must wait: the token was refused, and no other one is verified yet.
    pub(crate) fn is_replacing_token(&self) -> bool {
        lock(&self.state).is_being_replaced()
    }

    /// Waits for the token that replaces a refused one. Returns the guard for the next reading that tries it, if the
    /// tenant has not accepted it yet.
    pub(crate) async fn replacement(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let renewing = self.renewing.lock().await;
        self.is_replacing_token().then_some(renewing)
    }

    /// Whether the tenant refuses every token, and not only one token or one resource.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(lock(&self.state).renewal, Renewal::Suspect | Renewal::Exhausted)
    }

    /// A token other than `used`. None: the one renewal of this session is used up or failed.
    pub(crate) async fn renewed(
        &self,
        used: &Arc<Token>,
        is_refused: bool,
        deadline: Timestamp,
    ) -> Option<RenewedToken<'_>> {
        if is_refused {
            self.target.cache_entry.drop_token(used);
        }
        let renewing = self.renewing.lock().await;
        {
            let mut state = lock(&self.state);
            let other = (!Arc::ptr_eq(&state.token, used)).then(|| Arc::clone(&state.token));
            match state.renewal {
                // The other readings continue with a token that only lacks a scope.
                Renewal::None | Renewal::UnderWay => {
                    state.renewal = if is_refused { Renewal::UnderWay } else { Renewal::Exhausted };
                }
                Renewal::Unverified | Renewal::Suspect => {
                    let probe_guard = (!state.is_for_all).then_some(renewing);
                    return other.map(|token| RenewedToken { token, probe_guard });
                }
                Renewal::Verified => {
                    return other.map(|token| RenewedToken { token, probe_guard: None });
                }
                Renewal::Exhausted => return None,
            }
        }
        let request = TokenRequest::new(&self.deps, &self.target, true, deadline);
        let TokenOutcome { result, stats } = request.run(TokenRequirement::Other(used)).await;
        self.count(stats.calls, stats.rate_limited);
        let mut state = lock(&self.state);
        match result {
            Ok(token) => {
                state.token = Arc::clone(&token);
                state.renewal = Renewal::Unverified;
                state.is_for_all = false;
                Some(RenewedToken { token, probe_guard: Some(renewing) })
            }
            Err(problem) => {
                tracing::info!(code = problem.code.name(), "token renewal failed");
                state.renewal = Renewal::Exhausted;
                if is_refused {
                    state.refusal = Some(problem.into_error(stats));
                }
                None
            }
        }
    }
}
