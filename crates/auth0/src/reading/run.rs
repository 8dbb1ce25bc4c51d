//! Runs one reading: for each request a permit of the rate limiter, the request, and the classification of the
//! response, with retries until there is an outcome or the deadline passes.

use std::sync::Arc;
use std::time::Duration;

use domain::inconclusive::UnknownReason;
use domain::readings::{Reading, ReadingKind};
use domain::sync::{Cause, ReadingReport};
use domain::tenant::Outcome;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::MutexGuard;

use self::token_retry::lacks_scope;
use crate::byte_budget::HeldBytes;
use crate::deps::Deps;
use crate::rate_limit::{CallPermit, RateLimitHeaders};
use crate::reading::classify::{self, ResponseClass};
use crate::reading::endpoint::{Endpoint, path};
use crate::reading::failed_reading;
use crate::reading::pagination::{PageParameters, ReadMode, UnreadReason, page_too_long};
use crate::reading::projection::prune;
use crate::session::Session;
use crate::time::{millis, time_until};
use crate::token::Token;
use crate::transport::{BodyFault, BodyLimit, Exchange, exchange_idempotent};

pub(crate) struct ReadingRun<'a> {
    session: &'a Session,
    kind: ReadingKind,
    mode: ReadMode,
    deadline: Timestamp,
    attempts: u32,
    on_the_wire: Option<Duration>,
    transient: u32,
    limited: u32,
    /// From the `Retry-After` of a 5xx.
    not_before: Option<Timestamp>,
    has_other_token: bool,
    /// Held while this reading tries a renewed token.
    probe_guard: Option<MutexGuard<'a, ()>>,
    cause: Option<Cause>,
}

impl<'a> ReadingRun<'a> {
    pub fn new(
        session: &'a Session,
        kind: ReadingKind,
        mode: ReadMode,
        deadline: Timestamp,
    ) -> Self {
        Self {
            session,
            kind,
            mode,
            deadline,
            attempts: 0,
            on_the_wire: None,
            transient: 0,
            limited: 0,
            not_before: None,
            has_other_token: false,
            probe_guard: None,
            cause: None,
        }
    }

    pub async fn run(mut self) -> (Outcome, ReadingReport) {
        let outcome = match Endpoint::for_kind(self.kind) {
            None => Outcome::Read(Reading::TokenFacts(self.session.token_facts())),
            Some(endpoint) => self.fetch(endpoint).await,
        };
        let report = self.report(&outcome);
        tracing::info!(
            reading = self.kind.name(),
            outcome = ?report.outcome,
            reason = report.reason.map(UnknownReason::name),
            attempts = report.attempts,
            duration_ms = report.duration_ms,
            "reading finished"
        );
        (outcome, report)
    }

    async fn fetch(&mut self, endpoint: Endpoint) -> Outcome {
        let fetched = match endpoint.list {
            None => self.body(endpoint, &Vec::new()).await.map(|(body, _)| body),
            Some(list) => self.pages(endpoint, list).await,
        };
        match fetched {
            Ok(body) => classify::decoded(self.kind, body),
            Err(outcome) => *outcome,
        }
    }

    /// A body and its size, with retries.
    async fn body(
        &mut self,
        endpoint: Endpoint,
        page: &PageParameters,
    ) -> Result<(Value, HeldBytes), Box<Outcome>> {
        (self.transient, self.limited) = (0, 0);
        loop {
            if lacks_scope(&self.session.token(), self.kind) {
                return Err(Box::new(failed_reading::lacks_scope(self.kind)));
            }
            let permit =
                match self.session.target.origin.state.rate_limiter.acquire(self.deadline).await {
                    Ok(permit) => permit,
                    Err(no_permit) => {
                        self.cause = failed_reading::cause_of(no_permit);
                        return Err(Box::new(failed_reading::no_permit(
                            no_permit,
                            self.limited > 0,
                        )));
                    }
                };
            if self.probe_guard.is_none() && self.session.is_replacing_token() {
                permit.release_unused();
                self.probe_guard = self.session.replacement().await;
                continue;
            }
            // Another reading may have renewed it meanwhile.
            let token = self.session.token();
            if lacks_scope(&token, self.kind) {
                return Err(Box::new(failed_reading::lacks_scope(self.kind)));
            }
            let (class, held) = self.attempt(endpoint, page, &token, permit).await;
            self.probe_guard = None;
            let over = match class {
                ResponseClass::Body(body) => return Ok((body, held)),
                ResponseClass::Over(outcome, cause) => {
                    self.cause = cause;
                    Some(*outcome)
                }
                ResponseClass::Limited => self.after_limit().await,
                ResponseClass::Again(reason, message) => self.after_fault(reason, message).await,
                ResponseClass::Unauthorised(message, cause) => {
                    let refused = Outcome::Unreadable { reason: UnknownReason::Forbidden, message };
                    self.with_other_token(&token, Some(cause), refused).await
                }
                ResponseClass::Refused(message) => {
                    self.cause = Some(Cause::RequestRefused);
                    Some(Outcome::Unreadable { reason: UnknownReason::ApiError, message })
                }
                ResponseClass::ScopeRefused(message, cause) => {
                    self.cause = cause;
                    let reason = UnknownReason::MissingScope;
                    let refused = Outcome::Unreadable { reason, message };
                    if self.session.was_cached() {
                        self.with_other_token(&token, None, refused).await
                    } else {
                        Some(refused)
                    }
                }
            };
            if let Some(outcome) = over {
                return Err(Box::new(outcome));
            }
        }
    }

    /// One request. Its permit ends before the response is classified, so that others can go on.
    async fn attempt(
        &mut self,
        endpoint: Endpoint,
        page: &PageParameters,
        token: &Arc<Token>,
        permit: CallPermit,
    ) -> (ResponseClass, HeldBytes) {
        let deps = self.deps();
        let now = deps.clock.now();
        let timeout = deps.limits.request_timeout.min(time_until(now, self.deadline));
        let request = self
            .session
            .target
            .origin
            .http
            .get(self.session.target.connection.api_identifier.at(&path(self.kind)))
            .query(&endpoint.query(self.kind, token.scopes().as_ref(), now))
            .query(page)
            .header(AUTHORIZATION, token.authorization())
            .header(USER_AGENT, &self.session.target.user_agent)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        let limit = BodyLimit {
            cap: endpoint.body_cap(&deps.limits),
            decoded: deps.limits.decoded_bytes,
            budget: &self.session.bytes,
        };
        let exchanged = exchange_idempotent(request, limit, timeout).await;
        self.record_exchange(&exchanged);
        let mut answer = match exchanged.result {
            Ok(answer) => answer,
            Err(fault) => {
                self.session.record_token_result(token, None);
                return (classify::of_fault(fault), self.session.bytes.hold());
            }
        };
        let headers = RateLimitHeaders::read(&answer.headers, self.deps().clock.now());
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            permit.limited(&headers);
        } else {
            self.not_before = headers.retry_after.filter(|_| answer.status.is_server_error());
            permit.record_response(&headers, answer.status.is_server_error());
        }
        let is_page = endpoint.list.is_some() && answer.status == StatusCode::OK;
        if is_page && matches!(answer.body, Err(BodyFault::TooLong)) {
            let too_long = unreadable(page_too_long(&deps.limits));
            return (ResponseClass::Over(too_long, None), answer.held);
        }
        let secret = self.session.target.connection.client_secret.expose_secret();
        let secrets = [secret, token.expose()];
        let class = classify::of_answer(self.kind, &answer, &secrets);
        self.session.record_token_result(token, class.accepts(&answer));
        let class = match endpoint.list {
            Some(list) => prune(self.kind, list, class),
            None => class,
        };
        // What no check reads is gone; the rest takes less than its text and all of its values.
        answer.held.shrink_to(answer.body.as_ref().map_or(0, Vec::len));
        (class, answer.held)
    }

    fn record_exchange(&mut self, exchanged: &Exchange) {
        let status = exchanged.result.as_ref().ok().map(|answer| answer.status);
        let calls = exchanged.requests;
        self.attempts += calls;
        self.on_the_wire = Some(self.on_the_wire.unwrap_or_default() + exchanged.took);
        self.session.count(calls, u32::from(status == Some(StatusCode::TOO_MANY_REQUESTS)));
        tracing::debug!(
            reading = self.kind.name(),
            status = status.map(|status| status.as_u16()),
            fault = ?exchanged.result.as_ref().err(),
            body_fault = ?exchanged.result.as_ref().ok().and_then(|answer| answer.body.as_ref().err()),
            took_ms = millis(exchanged.took),
            connecting_ms = exchanged.connecting.map(millis),
            "Management API called"
        );
    }

    fn deps(&self) -> &'a Deps {
        &self.session.deps
    }
}

fn unreadable((reason, message): UnreadReason) -> Box<Outcome> {
    Box::new(Outcome::Unreadable { reason, message })
}

mod backoff;
mod list;
mod token_retry;
