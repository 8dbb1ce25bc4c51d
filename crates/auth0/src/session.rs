//! An open tenant: a token, and readings made with it. Counts every request.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use domain::readings::{ReadingKind, TokenFacts};
use domain::sync::ReadingReport;
use domain::tenant::{Outcome, RateLimitSnapshot};
use futures_util::future::join_all;
use jiff::Timestamp;
use tracing::Instrument;

use crate::client::{Auth0, TenantTarget, TokenRequirement};
use crate::connect_error::{CallStats, ConnectError, OpenTimings};
use crate::lock;
use crate::reading::{ReadMode, ReadingRun};
use crate::token::Token;

/// An open tenant.
pub struct Session {
    pub(crate) auth0: Auth0,
    pub(crate) route: TenantTarget,
    was_cached: bool,
    timings: OpenTimings,
    state: Mutex<TokenState>,
    renewing: tokio::sync::Mutex<()>,
    calls: AtomicU32,
    rate_limited: AtomicU32,
}

/// How the session came by its token.
pub(crate) struct Opened {
    pub token: Arc<Token>,
    pub was_cached: bool,
    pub effort: CallStats,
}

struct TokenState {
    token: Arc<Token>,
    renewal: Renewal,
    /// Whether all may try the renewed token at once.
    is_for_all: bool,
    /// Why there was no other token.
    refusal: Option<ConnectError>,
}

/// A session renews its token once: a tenant that refuses that one too refuses us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    None,
    /// The token was refused, and another one is asked for.
    UnderWay,
    /// There is another token, and no request with it was answered.
    Unverified,
    /// It was refused once, which may have been about the one resource.
    Suspect,
    Verified,
    /// There is no other token, or it was refused as well.
    Exhausted,
}

/// Another token for a reading whose own was refused.
pub(crate) struct RenewedToken<'a> {
    pub token: Arc<Token>,
    /// Of whoever tries it while nothing is known of it. The others wait meanwhile, so that a tenant that
    /// refuses every token is asked twice more and not once for each reading.
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
    pub(crate) fn new(auth0: Auth0, route: TenantTarget, opened: Opened) -> Self {
        Self {
            auth0,
            route,
            was_cached: opened.was_cached,
            timings: opened.effort.timings(),
            state: Mutex::new(TokenState {
                token: opened.token,
                renewal: Renewal::None,
                is_for_all: false,
                refusal: None,
            }),
            renewing: tokio::sync::Mutex::new(()),
            calls: AtomicU32::new(opened.effort.calls),
            rate_limited: AtomicU32::new(opened.effort.rate_limited),
        }
    }

    /// What the tenant granted: of the newest token, should it have been renewed.
    pub fn token_facts(&self) -> TokenFacts {
        self.token().facts.clone()
    }

    /// How long opening took.
    pub fn timings(&self) -> OpenTimings {
        self.timings
    }

    /// Whether the token was in memory already.
    pub fn was_cached(&self) -> bool {
        self.was_cached
    }

    /// Why the tenant gave no other token when it refused the one in use. None while it was not asked.
    pub fn refusal(&self) -> Option<ConnectError> {
        lock(&self.state).refusal.clone()
    }

    /// What is known of the tenant's rate limit.
    pub fn pace(&self) -> RateLimitSnapshot {
        self.route.origin.pacer.pace()
    }

    /// Takes over what another sync, here or elsewhere, learned about the tenant's rate limit.
    pub fn remember(&self, pace: RateLimitSnapshot) {
        self.route.origin.pacer.remember(pace);
    }

    /// Requests sent so far, those for tokens included.
    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Answers 429 so far.
    pub fn rate_limited(&self) -> u32 {
        self.rate_limited.load(Ordering::Relaxed)
    }

    /// Reads these kinds, as many at once as the tenant's limits allow, retrying what is transient
    /// until the deadline. `on_done` hears of each as it ends; the results are in the order of `kinds`.
    pub async fn read_all(
        &self,
        kinds: &[ReadingKind],
        deadline: Timestamp,
        on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
    ) -> Vec<(Outcome, ReadingReport)> {
        self.run_all(kinds, ReadMode::Whole, deadline, on_done).await
    }

    /// The same to see what can be read: of a list the first page, which a reading is then made of.
    pub async fn probe_all(
        &self,
        kinds: &[ReadingKind],
        deadline: Timestamp,
    ) -> Vec<(Outcome, ReadingReport)> {
        self.run_all(kinds, ReadMode::FirstPage, deadline, &|_| ()).await
    }

    async fn run_all(
        &self,
        kinds: &[ReadingKind],
        depth: ReadMode,
        deadline: Timestamp,
        on_done: &(dyn Fn(&ReadingReport) + Send + Sync),
    ) -> Vec<(Outcome, ReadingReport)> {
        let tenant = self.route.connection.api_identifier.domain();
        let span = tracing::info_span!("read_tenant", tenant, readings = kinds.len());
        let readings = kinds.iter().map(|kind| async move {
            let (outcome, report) = ReadingRun::new(self, *kind, depth, deadline).run().await;
            on_done(&report);
            (outcome, report)
        });
        join_all(readings).instrument(span).await
    }

    /// Counts what was spent on a refusal before this session was opened.
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

    /// Notes what the tenant said to the token of a request, if it said anything to it. A renewed one that
    /// it accepted once is good: a refusal after that is about the one resource.
    pub(crate) fn record_token_result(&self, token: &Arc<Token>, is_accepted: Option<bool>) {
        let mut state = lock(&self.state);
        if !Arc::ptr_eq(&state.token, token) {
            return;
        }
        state.renewal = match (state.renewal, is_accepted) {
            (Renewal::Unverified | Renewal::Suspect, Some(true)) => Renewal::Verified,
            (Renewal::Unverified, Some(false)) => Renewal::Suspect,
            (Renewal::Suspect, Some(false)) => {
                self.route.slot.drop_token(token);
                Renewal::Exhausted
            }
            (known, _) => known,
        };
        // One by one they would wait for a tenant that hangs.
        state.is_for_all |= is_accepted.is_none();
    }

    /// Whether calls have to wait: the token was refused, and no request with another one was answered yet.
    pub(crate) fn is_replacing_token(&self) -> bool {
        lock(&self.state).is_being_replaced()
    }

    /// Waits for the token that replaces a refused one. With the guard of the next reading to try it, where the
    /// tenant has not accepted it yet.
    pub(crate) async fn replacement(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let renewing = self.renewing.lock().await;
        self.is_replacing_token().then_some(renewing)
    }

    /// Whether the tenant refuses us, and not only one token or at one resource.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(lock(&self.state).renewal, Renewal::Suspect | Renewal::Exhausted)
    }

    /// A token other than `used`; none when the one renewal of this session is spent, or was in vain.
    pub(crate) async fn renewed(
        &self,
        used: &Arc<Token>,
        is_refused: bool,
        deadline: Timestamp,
    ) -> Option<RenewedToken<'_>> {
        if is_refused {
            self.route.slot.drop_token(used);
        }
        let renewing = self.renewing.lock().await;
        {
            let mut state = lock(&self.state);
            let other = (!Arc::ptr_eq(&state.token, used)).then(|| Arc::clone(&state.token));
            match state.renewal {
                // A token that only lacks a scope is good for the other readings meanwhile.
                Renewal::None | Renewal::UnderWay => {
                    state.renewal = if is_refused { Renewal::UnderWay } else { Renewal::Exhausted };
                }
                Renewal::Unverified | Renewal::Suspect => {
                    let trial = (!state.is_for_all).then_some(renewing);
                    return other.map(|token| RenewedToken { token, probe_guard: trial });
                }
                Renewal::Verified => {
                    return other.map(|token| RenewedToken { token, probe_guard: None });
                }
                Renewal::Exhausted => return None,
            }
        }
        let shared = &self.auth0.shared;
        let asked = shared.token(&self.route, TokenRequirement::Other(used), true, deadline).await;
        self.count(asked.effort.calls, asked.effort.rate_limited);
        let mut state = lock(&self.state);
        match asked.outcome {
            Ok(token) => {
                state.token = Arc::clone(&token);
                state.renewal = Renewal::Unverified;
                state.is_for_all = false;
                Some(RenewedToken { token, probe_guard: Some(renewing) })
            }
            Err(problem) => {
                tracing::info!(code = problem.code.name(), "the token could not be renewed");
                state.renewal = Renewal::Exhausted;
                if is_refused {
                    state.refusal = Some(problem.into_error(asked.effort));
                }
                None
            }
        }
    }
}
