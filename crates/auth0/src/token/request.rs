//! Gets a token by the client credentials grant: from the cache, or by one request at a time for each credentials,
//! with bounded retries. Read it from [`TokenRequest::run`] down.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use secrecy::ExposeSecret;

use crate::connect_error::{CallStats, Problem};
use crate::deps::Deps;
use crate::rate_limit::full_jitter;
use crate::time::{millis, saturating_add, time_until};
use crate::token::classify::{Failure, Retry, classify};
use crate::token::oauth_error::ResponseContext;
use crate::token::{TenantTarget, Token, rate_limited, secret_body};
use crate::token_backoff::BackoffWindow;
use crate::transport::{BodyLimit, Exchange, exchange};

/// With less time, an attempt would end as a timeout.
const MIN_TIME_LEFT: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenRequirement<'a> {
    /// Granted after this call.
    New,
    Usable,
    Other(&'a Arc<Token>),
}

/// A token, or why there is none, and its cost.
pub(crate) struct TokenOutcome {
    pub result: Result<Arc<Token>, Problem>,
    pub stats: CallStats,
}

pub(crate) struct TokenRequest<'a> {
    deps: &'a Deps,
    target: &'a TenantTarget,
    /// Whether a 429 of another caller keeps this one from calling too.
    respects_backoff: bool,
    deadline: Timestamp,
    stats: CallStats,
    /// Attempts that met a transient fault. Attempts that met a 429 are limited only by the deadline, because each
    /// waits longer than the one before.
    transient: u32,
    latest_problem: Option<Problem>,
}

impl<'a> TokenRequest<'a> {
    pub fn new(
        deps: &'a Deps,
        target: &'a TenantTarget,
        respects_backoff: bool,
        deadline: Timestamp,
    ) -> Self {
        Self {
            deps,
            target,
            respects_backoff,
            deadline,
            stats: CallStats::default(),
            transient: 0,
            latest_problem: None,
        }
    }

    pub async fn run(mut self, requirement: TokenRequirement<'_>) -> TokenOutcome {
        let result = self.get(requirement).await;
        TokenOutcome { result, stats: self.stats }
    }

    /// Returns a token from the cache, from a concurrent request of another caller, or from its own request. Callers
    /// that respect the backoff wait for its end before they take the request lock of the credentials, so that they
    /// do not block those that do not.
    async fn get(&mut self, requirement: TokenRequirement<'_>) -> Result<Arc<Token>, Problem> {
        let entry = &self.target.cache_entry;
        let mut generation = entry.generation();
        loop {
            if let Some(token) = self.cached(requirement) {
                return Ok(token);
            }
            if self.respects_backoff {
                self.wait_for_backoff().await?;
                // Results of other callers during the backoff do not count.
                generation = entry.generation();
            }
            let _request_lock = entry.request_lock.lock().await;
            if let Some(result) = entry.result_since(generation) {
                return result.map_err(|problem| self.latest_or(problem));
            }
            if self.must_wait() {
                continue;
            }
            if let Some(result) = self.post_with_retries().await {
                entry.complete(result.clone());
                return result;
            }
        }
    }

    fn cached(&self, requirement: TokenRequirement<'_>) -> Option<Arc<Token>> {
        let entry = &self.target.cache_entry;
        match requirement {
            TokenRequirement::New => None,
            TokenRequirement::Usable => entry.valid_token(self.deps.clock.now()),
            TokenRequirement::Other(used) => {
                entry.latest().filter(|latest| !Arc::ptr_eq(latest, used))
            }
        }
    }

    /// Waits until no backoff applies to this client. Fails if too little time would be left.
    async fn wait_for_backoff(&self) -> Result<(), Problem> {
        while let Some(window) = self.backoff_window() {
            let now = self.deps.clock.now();
            if saturating_add(window.until, MIN_TIME_LEFT) >= self.deadline {
                let problem = rate_limited::backing_off(&self.domain(), window, now);
                return Err(self.latest_or(problem));
            }
            self.deps.sleeper.sleep(time_until(now, window.until)).await;
        }
        Ok(())
    }

    /// Posts until there is a result, or until the deadline. None: another caller met a 429 meanwhile, and this one
    /// respects the backoff.
    async fn post_with_retries(&mut self) -> Option<Result<Arc<Token>, Problem>> {
        loop {
            let failure = match self.post().await {
                Ok(token) => {
                    self.target.origin.state.token_endpoint.clear(&self.target.fingerprint);
                    return Some(Ok(Arc::new(token)));
                }
                Err(failure) => failure,
            };
            let Some(retry_at) = self.retry_at(&failure.retry) else {
                return Some(Err(failure.problem));
            };
            self.latest_problem = Some(failure.problem);
            if self.must_wait() {
                return None;
            }
            self.deps.sleeper.sleep(time_until(self.deps.clock.now(), retry_at)).await;
            if self.must_wait() {
                return None;
            }
        }
    }

    async fn post(&mut self) -> Result<Token, Box<Failure>> {
        let limits = &self.deps.limits;
        let left = time_until(self.deps.clock.now(), self.deadline);
        let limit = BodyLimit {
            cap: limits.token_body_bytes,
            decoded: limits.decoded_bytes,
            budget: &self.deps.bytes,
        };
        // Shorter than the request timeout, so that an endpoint that hangs leaves time for another attempt.
        let timeout = limits.token_timeout.min(limits.request_timeout).min(left);
        let exchanged = exchange(self.http_request(), limit, timeout).await;
        self.record_exchange(&exchanged);
        let (connection, domain) = (&self.target.connection, self.domain());
        let context = ResponseContext {
            domain: &domain,
            permission: self.target.permission,
            audience: connection.api_audience.as_str(),
            audience_is_known: self.deps.allowed.permission(&connection.api_audience).is_some(),
            secret: connection.client_secret.expose_secret(),
            longest_wait: limits.longest_wait,
            now: self.deps.clock.now(),
        };
        let result = classify(exchanged.result, context);
        if let Err(failure) = &result
            && let Retry::RateLimited { backoff: Some(window), .. } = failure.retry
        {
            self.target.origin.state.token_endpoint.record(
                self.target.fingerprint,
                window,
                context.now,
            );
        }
        result
    }

    fn http_request(&self) -> reqwest::RequestBuilder {
        let connection = &self.target.connection;
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", connection.client_id.as_str()),
            ("client_secret", connection.client_secret.expose_secret()),
            // Without `scope`, the response states all granted scopes.
            ("audience", connection.api_audience.as_str()),
        ];
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.target
            .origin
            .http
            .post(connection.api_identifier.at("/oauth/token"))
            .header(USER_AGENT, &self.target.user_agent)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(CONTENT_TYPE, form)
            .body(secret_body::form(&fields))
    }

    fn record_exchange(&mut self, exchanged: &Exchange) {
        let status = exchanged.result.as_ref().ok().map(|answer| answer.status);
        let spent = &mut self.stats;
        spent.calls += exchanged.requests;
        spent.rate_limited += u32::from(status == Some(StatusCode::TOO_MANY_REQUESTS));
        spent.connecting = exchanged.connecting.or(spent.connecting);
        if exchanged.requests > 0 {
            let answering = exchanged.took.saturating_sub(exchanged.connecting.unwrap_or_default());
            spent.answering = Some(spent.answering.unwrap_or(Duration::ZERO) + answering);
        }
        tracing::debug!(
            tenant = self.domain(),
            status = status.map(|status| status.as_u16()),
            fault = ?exchanged.result.as_ref().err(),
            took_ms = millis(exchanged.took),
            connecting_ms = exchanged.connecting.map(millis),
            "token request finished"
        );
    }

    /// When to retry. None: never, or too late.
    fn retry_at(&mut self, retry: &Retry) -> Option<Timestamp> {
        let Deps { limits, clock, jitter, .. } = self.deps;
        let (now, jitter) = (clock.now(), jitter.as_ref());
        let at = match retry {
            Retry::Never => return None,
            Retry::RateLimited { headers, .. } => {
                headers.retry_at(self.stats.rate_limited, now, limits.longest_wait, jitter)
            }
            Retry::Transient { stated } => {
                self.transient += 1;
                if self.transient >= limits.attempts_transient {
                    return None;
                }
                let (base, cap) = (limits.backoff_base, limits.backoff_cap);
                let backoff = || full_jitter(self.transient, base, cap, jitter);
                stated.unwrap_or_else(|| saturating_add(now, backoff()))
            }
        };
        (saturating_add(at, MIN_TIME_LEFT) < self.deadline).then_some(at)
    }

    /// What the tenant responded to an earlier attempt of this caller says more than a shared result.
    fn latest_or(&self, problem: Problem) -> Problem {
        self.latest_problem.clone().unwrap_or(problem)
    }

    fn must_wait(&self) -> bool {
        self.respects_backoff && self.backoff_window().is_some()
    }

    fn backoff_window(&self) -> Option<BackoffWindow> {
        let client = &self.target.fingerprint;
        self.target.origin.state.token_endpoint.active(client, self.deps.clock.now())
    }

    fn domain(&self) -> String {
        self.target.connection.api_identifier.domain()
    }
}
