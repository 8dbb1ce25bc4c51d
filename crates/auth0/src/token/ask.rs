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
use crate::open_error::{Effort, Problem};
use crate::origin::Origin;
use crate::pace::{RateNote, full_jitter};
use crate::pause::{Chance, Pause};
use crate::span_of_time::{after, millis, until};
use crate::token::answer::{self, NoToken};
use crate::token::closures::Closed;
use crate::token::refusal::{self, About};
use crate::token::{Token, limited, unreachable, wiped};
use crate::wire::{Answer, BodyFault, Exchanged, Fault, exchange};

/// Everything that one request for a token needs.
pub(crate) struct Ask<'a> {
    pub origin: &'a Origin,
    pub connection: &'a Connection,
    pub permission: Permission,
    pub audience_is_known: bool,
    pub user_agent: &'a HeaderValue,
    pub limits: &'a Limits,
    pub clock: &'a dyn Clock,
    pub pause: &'a dyn Pause,
    pub chance: &'a dyn Chance,
}

/// What a request needs at the least: with less it would end as one that was not answered.
const LEAST_TO_ASK: Duration = Duration::from_secs(2);

/// How it ended and what it cost.
pub(crate) struct Asked {
    pub outcome: Result<Arc<Token>, Problem>,
    pub effort: Effort,
}

/// The tries so far, what they cost, and how the latest failed.
#[derive(Default)]
pub(crate) struct Tries {
    pub effort: Effort,
    count: u32,
    problem: Option<Problem>,
}

impl Tries {
    /// It ended without another try. What the tenant said to one of ours says more than that it is closed.
    pub fn end(self, outcome: Result<Arc<Token>, Problem>) -> Asked {
        let outcome = outcome.map_err(|problem| self.problem.unwrap_or(problem));
        Asked { outcome, effort: self.effort }
    }
}

/// What one try says about the next.
enum Tried {
    Over(Result<Arc<Token>, Problem>),
    /// Transient; the next try not before this instant, if it is known.
    Again(Problem, Option<Timestamp>),
}

impl Ask<'_> {
    /// Asks until there is an answer, or until `deadline`. None: the endpoint was closed meanwhile to one
    /// that heeds it.
    pub async fn ask(
        &self,
        heeds: bool,
        deadline: Timestamp,
        tries: &mut Tries,
    ) -> Option<Result<Arc<Token>, Problem>> {
        loop {
            tries.count += 1;
            let (problem, not_before) = match self.once(deadline, &mut tries.effort).await {
                Tried::Over(outcome) => {
                    if outcome.is_ok() {
                        self.origin.token_endpoint.open(&self.connection.client_id);
                    }
                    return Some(outcome);
                }
                Tried::Again(problem, not_before) => (problem, not_before),
            };
            let now = self.clock.now();
            let ready = not_before.map_or_else(
                || after(now, self.backoff(tries.count)),
                |at| after(at, LEAST_TO_ASK),
            );
            if tries.count >= self.limits.attempts_transient || ready >= deadline {
                return Some(Err(problem));
            }
            tries.problem = Some(problem);
            if heeds && self.is_closed() {
                return None;
            }
            let at = not_before.unwrap_or(ready);
            self.pause.pause(until(now, at)).await;
            if heeds && self.is_closed() {
                return None;
            }
        }
    }

    /// Waits until nothing closes the endpoint to this client; not where too little time would be left.
    pub async fn opening(&self, deadline: Timestamp) -> Result<(), Problem> {
        while let Some(closed) = self.closed() {
            let now = self.clock.now();
            if after(closed.until, LEAST_TO_ASK) >= deadline {
                return Err(limited::closed(&self.domain(), closed, now));
            }
            self.pause.pause(until(now, closed.until)).await;
        }
        Ok(())
    }

    /// Whether something closes the endpoint to this client.
    pub fn is_closed(&self) -> bool {
        self.closed().is_some()
    }

    fn closed(&self) -> Option<Closed> {
        self.origin.token_endpoint.closed(&self.connection.client_id, self.clock.now())
    }

    async fn once(&self, deadline: Timestamp, effort: &mut Effort) -> Tried {
        let left = until(self.clock.now(), deadline);
        let timeout = self.limits.request_timeout.min(left);
        let exchanged = exchange(self.request(), self.limits.token_body_bytes, timeout).await;
        self.note(&exchanged, effort);
        match exchanged.result {
            Ok(answer) => self.judge(&answer),
            Err(fault) => {
                let problem = unreachable::problem(fault, &self.domain(), self.permission);
                // A timeout has already cost the caller's patience; the rest will not mend itself.
                match fault {
                    Fault::Refused | Fault::NoRoute | Fault::Closed | Fault::UnknownName => {
                        Tried::Again(problem, None)
                    }
                    _ => Tried::Over(Err(problem)),
                }
            }
        }
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
            .body(wiped::form(&fields))
    }

    fn note(&self, exchanged: &Exchanged, effort: &mut Effort) {
        let status = exchanged.result.as_ref().ok().map(|answer| answer.status);
        effort.calls += u32::from(exchanged.was_sent());
        effort.rate_limited += u32::from(status == Some(StatusCode::TOO_MANY_REQUESTS));
        effort.connecting = exchanged.connecting.or(effort.connecting);
        if exchanged.was_sent() {
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

    fn judge(&self, answer: &Answer) -> Tried {
        let now = self.clock.now();
        let domain = self.domain();
        let status = answer.status;
        let body = answer.body.as_deref();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let whose = limited::whose(&answer.headers, body.unwrap_or_default());
            let retry_at = limited::retry_at(&answer.headers, now, self.limits.longest_wait);
            if let Some(until) = retry_at {
                let closed = Closed { whose, until };
                self.origin.token_endpoint.close(&self.connection.client_id, closed, now);
            }
            return Tried::Again(limited::problem(&domain, whose, retry_at, now), retry_at);
        }
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            let stated = RateNote::read(&answer.headers, now).retry_at;
            return Tried::Again(unreachable::unavailable(&domain, status), stated);
        }
        let body = match answer.body.as_deref() {
            Ok(body) => body,
            Err(fault) => {
                let problem = unreachable::body_problem(*fault, &domain, self.permission);
                let may_pass = *fault == BodyFault::Cut;
                return if may_pass {
                    Tried::Again(problem, None)
                } else {
                    Tried::Over(Err(problem))
                };
            }
        };
        let about = About {
            domain: &domain,
            audience: self.connection.api_audience.as_str(),
            audience_is_known: self.audience_is_known,
            secret: self.connection.client_secret.expose_secret(),
        };
        if status != StatusCode::OK {
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            return Tried::Over(Err(refusal::judge(status, location, body, about)));
        }
        let fault = match answer::read(body, now) {
            Ok(token) => return Tried::Over(Ok(Arc::new(token))),
            Err(fault) => fault,
        };
        match fault {
            // Without a length, a cut looks like the end.
            NoToken::Incomplete if answer.ends_with_connection => {
                let cut = BodyFault::Cut;
                Tried::Again(unreachable::body_problem(cut, &domain, self.permission), None)
            }
            NoToken::Incomplete | NoToken::NotJson => {
                Tried::Over(Err(refusal::not_auth0(about, "does not answer in JSON")))
            }
            NoToken::NotUnderstood => Tried::Over(Err(refusal::no_token(about))),
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        full_jitter(attempt, self.limits.backoff_base, self.limits.backoff_cap, self.chance)
    }

    fn domain(&self) -> String {
        self.connection.api_identifier.domain()
    }
}
