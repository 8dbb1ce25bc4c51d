//! Asks the token endpoint, with bounded retries of transient faults. It sends no `scope`, so that
//! the answer tells everything that the grant gives.

use std::sync::Arc;
use std::time::Duration;

use domain::Clock;
use domain::address::Permission;
use domain::connection::Connection;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION, USER_AGENT};
use secrecy::ExposeSecret;

use crate::config::Limits;
use crate::connect_error::{CallStats, Problem};
use crate::origin::Origin;
use crate::rate_limit::{RateLimitHeaders, full_jitter};
use crate::sleep::{Jitter, Sleeper};
use crate::time::{millis, saturating_add, time_until};
use crate::token::answer::{self, TokenResponseError};
use crate::token::backoff::BackoffWindow;
use crate::token::oauth_error::{self, ErrorContext};
use crate::token::{Token, rate_limited, secret_body, transport_error};
use crate::transport::{Answer, BodyFault, Exchange, exchange};

/// Everything that one request for a token needs.
pub(crate) struct TokenFetch<'a> {
    pub origin: &'a Origin,
    pub connection: &'a Connection,
    pub permission: Permission,
    pub audience_is_known: bool,
    pub user_agent: &'a HeaderValue,
    pub limits: &'a Limits,
    pub clock: &'a dyn Clock,
    pub pause: &'a dyn Sleeper,
    pub chance: &'a dyn Jitter,
}

/// What a request needs at the least: with less it would end as one that was not answered.
const MIN_TIME_LEFT: Duration = Duration::from_secs(2);

/// How it ended and what it cost.
pub(crate) struct TokenOutcome {
    pub outcome: Result<Arc<Token>, Problem>,
    pub effort: CallStats,
}

/// The attempts so far, what they cost, and how the latest failed.
#[derive(Default)]
pub(crate) struct Attempts {
    pub effort: CallStats,
    /// Those that met a transient fault.
    transient: u32,
    /// Those that met a 429: bounded by the deadline alone, because each waits longer than the one before.
    rate_limited: u32,
    problem: Option<Problem>,
}

impl Attempts {
    /// Ends without another attempt. What the tenant said to an earlier one says more than that it is closed.
    pub fn end(self, outcome: Result<Arc<Token>, Problem>) -> TokenOutcome {
        let outcome = outcome.map_err(|problem| self.problem.unwrap_or(problem));
        TokenOutcome { outcome, effort: self.effort }
    }
}

/// What one attempt says about the next.
enum AttemptResult {
    Done(Result<Arc<Token>, Problem>),
    /// 429: not again before this instant.
    RateLimited(Problem, Timestamp),
    /// A fault that may pass: not again before this instant, if it is known.
    Transient(Problem, Option<Timestamp>),
}

impl TokenFetch<'_> {
    /// Asks until there is an answer, or until `deadline`. None: another client was told meanwhile to back off,
    /// and this one respects it.
    pub async fn fetch(
        &self,
        respects_backoff: bool,
        deadline: Timestamp,
        attempts: &mut Attempts,
    ) -> Option<Result<Arc<Token>, Problem>> {
        loop {
            let (problem, retry_at) = match self.attempt(deadline, attempts).await {
                AttemptResult::Done(outcome) => {
                    if outcome.is_ok() {
                        self.origin.token_endpoint.clear(&self.connection.client_id);
                    }
                    return Some(outcome);
                }
                AttemptResult::RateLimited(problem, retry_at) => (problem, retry_at),
                AttemptResult::Transient(problem, stated) => {
                    attempts.transient += 1;
                    if attempts.transient >= self.limits.attempts_transient {
                        return Some(Err(problem));
                    }
                    let backoff =
                        || saturating_add(self.clock.now(), self.backoff(attempts.transient));
                    (problem, stated.unwrap_or_else(backoff))
                }
            };
            if saturating_add(retry_at, MIN_TIME_LEFT) >= deadline {
                return Some(Err(problem));
            }
            attempts.problem = Some(problem);
            if respects_backoff && self.is_closed() {
                return None;
            }
            self.pause.pause(time_until(self.clock.now(), retry_at)).await;
            if respects_backoff && self.is_closed() {
                return None;
            }
        }
    }

    /// Waits until no backoff keeps this client from the endpoint; not where too little time would be left.
    pub async fn wait_for_backoff(&self, deadline: Timestamp) -> Result<(), Problem> {
        while let Some(closed) = self.closed() {
            let now = self.clock.now();
            if saturating_add(closed.until, MIN_TIME_LEFT) >= deadline {
                return Err(rate_limited::closed(&self.domain(), closed, now));
            }
            self.pause.pause(time_until(now, closed.until)).await;
        }
        Ok(())
    }

    /// Whether a backoff keeps this client from the endpoint.
    pub fn is_closed(&self) -> bool {
        self.closed().is_some()
    }

    fn closed(&self) -> Option<BackoffWindow> {
        self.origin.token_endpoint.closed(&self.connection.client_id, self.clock.now())
    }

    async fn attempt(&self, deadline: Timestamp, attempts: &mut Attempts) -> AttemptResult {
        let left = time_until(self.clock.now(), deadline);
        // An endpoint that hangs leaves time to ask again.
        let timeout = self.limits.token_timeout.min(self.limits.request_timeout).min(left);
        let exchanged = exchange(self.request(), self.limits.token_body_bytes, timeout).await;
        self.record_exchange(&exchanged, &mut attempts.effort);
        match exchanged.result {
            Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                attempts.rate_limited += 1;
                self.rate_limited(&answer, attempts.rate_limited)
            }
            Ok(answer) => self.judge(&answer),
            Err(fault) => {
                let problem = transport_error::problem(fault, &self.domain(), self.permission);
                if problem.retryable {
                    AttemptResult::Transient(problem, None)
                } else {
                    AttemptResult::Done(Err(problem))
                }
            }
        }
    }

    fn rate_limited(&self, answer: &Answer, refusals: u32) -> AttemptResult {
        let (now, longest) = (self.clock.now(), self.limits.longest_wait);
        let scope =
            rate_limited::classify(&answer.headers, answer.body.as_deref().unwrap_or_default());
        let headers = RateLimitHeaders::read(&answer.headers, now);
        let stated = headers.stated_retry_at(now, longest);
        if let Some(until) = stated {
            let window = BackoffWindow { scope, until };
            self.origin.token_endpoint.record(&self.connection.client_id, window, now);
        }
        let problem = rate_limited::problem(&self.domain(), scope, stated, now);
        AttemptResult::RateLimited(problem, headers.retry_at(refusals, now, longest, self.chance))
    }

    fn request(&self) -> reqwest::RequestBuilder {
        let url = self.connection.api_identifier.at("/oauth/token");
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", self.connection.client_id.as_str()),
            ("client_secret", self.connection.client_secret.expose_secret()),
            ("audience", self.connection.api_audience.as_str()),
        ];
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.origin
            .http
            .post(url)
            .header(USER_AGENT, self.user_agent)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(CONTENT_TYPE, form)
            .body(secret_body::form(&fields))
    }

    fn record_exchange(&self, exchanged: &Exchange, effort: &mut CallStats) {
        let status = exchanged.result.as_ref().ok().map(|answer| answer.status);
        effort.calls += exchanged.requests;
        effort.rate_limited += u32::from(status == Some(StatusCode::TOO_MANY_REQUESTS));
        effort.connecting = exchanged.connecting.or(effort.connecting);
        if exchanged.requests > 0 {
            let answering = exchanged.took.saturating_sub(exchanged.connecting.unwrap_or_default());
            effort.answering = Some(effort.answering.unwrap_or(Duration::ZERO) + answering);
        }
        tracing::debug!(
            tenant = self.domain(),
            status = status.map(|status| status.as_u16()),
            fault = ?exchanged.result.as_ref().err(),
            took_ms = millis(exchanged.took),
            connecting_ms = exchanged.connecting.map(millis),
            "asked for a token"
        );
    }

    fn judge(&self, answer: &Answer) -> AttemptResult {
        let now = self.clock.now();
        let domain = self.domain();
        let status = answer.status;
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            let stated = RateLimitHeaders::read(&answer.headers, now).retry_after;
            return AttemptResult::Transient(transport_error::unavailable(&domain, status), stated);
        }
        let body = match answer.body.as_deref() {
            Ok(body) => body,
            Err(fault) => {
                let problem = transport_error::body_problem(*fault, &domain, self.permission);
                return if problem.retryable {
                    AttemptResult::Transient(problem, None)
                } else {
                    AttemptResult::Done(Err(problem))
                };
            }
        };
        let about = ErrorContext {
            domain: &domain,
            audience: self.connection.api_audience.as_str(),
            audience_is_known: self.audience_is_known,
            secret: self.connection.client_secret.expose_secret(),
        };
        if status != StatusCode::OK {
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            return AttemptResult::Done(Err(oauth_error::judge(status, location, body, about)));
        }
        let fault = match answer::read(body, now) {
            Ok(token) => return AttemptResult::Done(Ok(Arc::new(token))),
            Err(fault) => fault,
        };
        match fault {
            // Without a length, a cut looks like the end.
            TokenResponseError::Incomplete if answer.ends_with_connection => {
                let cut = BodyFault::Cut;
                AttemptResult::Transient(
                    transport_error::body_problem(cut, &domain, self.permission),
                    None,
                )
            }
            TokenResponseError::Incomplete | TokenResponseError::NotJson => {
                AttemptResult::Done(Err(oauth_error::not_auth0(about, "does not answer in JSON")))
            }
            TokenResponseError::NotUnderstood => {
                AttemptResult::Done(Err(oauth_error::no_token(about)))
            }
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        full_jitter(attempt, self.limits.backoff_base, self.limits.backoff_cap, self.chance)
    }

    fn domain(&self) -> String {
        self.connection.api_identifier.domain()
    }
}
