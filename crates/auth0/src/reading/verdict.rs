//! What one answer of the Management API means for one reading.

use domain::connection_test::StepCode;
use domain::readings::{Need, Reading, ReadingKind};
use domain::sync::Cause;
use domain::tenant::{Outcome, UnknownReason};
use serde_json::Value;

use crate::open_error::OpenError;
use crate::pace::NoTurn;
use crate::reading::forbidden::{Envelope, Forbidden, classify};
use crate::scrub::quote;
use crate::span_of_time::to_second;
use crate::wire::{Answer, BodyFault, Fault};

/// What to do with an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// A body: the resource, or a page of it.
    Body(Value),
    /// It is conclusive otherwise.
    Over(Box<Outcome>),
    /// 429: again when the tenant allows.
    Limited,
    /// Transient: again after a backoff; this is what it was.
    Again(UnknownReason, String),
    /// 401: again with another token.
    Unauthorised(String),
    /// The request itself is refused: the same again would be too.
    Refused(String),
    /// 403 for the scope: again with another token, when ours may be older than the grant.
    ScopeRefused(String),
}

impl Verdict {
    /// What the tenant says by it to the token; none when it says nothing, or something on the way says it.
    pub fn accepts(&self, answer: &Answer) -> Option<bool> {
        match self {
            Self::Unauthorised(_) => Some(false),
            Self::Body(_) | Self::Refused(_) | Self::ScopeRefused(_) => Some(true),
            Self::Over(_) => is_of_auth0(answer).then_some(true),
            Self::Limited | Self::Again(..) => None,
        }
    }
}

/// Judges an answer.
pub(crate) fn of_answer(kind: ReadingKind, answer: &Answer, secrets: &[&str]) -> Verdict {
    let status = answer.status;
    match status.as_u16() {
        200 => of_body(answer),
        401 => Verdict::Unauthorised(said("Auth0 refused our token", answer, secrets)),
        // So does a token that is no JWT look to it: one for another audience than its own.
        400 if is_no_token(answer) => {
            Verdict::Unauthorised(said("Auth0 refused our token", answer, secrets))
        }
        402 => {
            plan_unavailable(kind, said("The tenant's plan does not include it", answer, secrets))
        }
        403 => of_forbidden(kind, answer, secrets),
        404 if kind == ReadingKind::EmailProvider && is_of_auth0(answer) => {
            Verdict::Over(Box::new(Outcome::Read(Reading::no_email_provider())))
        }
        404 => absent(
            kind,
            UnknownReason::NotSupported,
            "Auth0 does not have this resource on this tenant (404).".into(),
        ),
        408 => Verdict::Again(UnknownReason::TimedOut, "Auth0 gave up waiting (408).".into()),
        429 => Verdict::Limited,
        500.. => Verdict::Again(UnknownReason::ApiError, format!("Auth0 answered {status}.")),
        300..400 => unreadable(
            UnknownReason::NotUnderstood,
            format!("Auth0 answered with a redirect ({}), which is not followed.", status.as_u16()),
        ),
        400..500 if is_of_auth0(answer) => Verdict::Refused(said(
            &format!("Auth0 refused the request ({status})"),
            answer,
            secrets,
        )),
        400..500 => unreadable(
            UnknownReason::ApiError,
            format!("Something on the way to Auth0 refused the request ({status})."),
        ),
        _ => unreadable(
            UnknownReason::NotUnderstood,
            format!("Auth0 answered {status}, which is not expected."),
        ),
    }
}

/// Judges a request that got no answer.
pub(crate) fn of_fault(fault: Fault) -> Verdict {
    let again = |reason, text: &str| Verdict::Again(reason, text.to_owned());
    match fault {
        Fault::AnswerTimeout => again(UnknownReason::TimedOut, "No answer in time."),
        Fault::ConnectTimeout => again(UnknownReason::TimedOut, "No connection in time."),
        Fault::Closed => {
            again(UnknownReason::ApiError, "The connection was closed before the answer.")
        }
        Fault::Refused => again(UnknownReason::ApiError, "The connection was refused."),
        Fault::NoRoute => {
            again(UnknownReason::ApiError, "There is no way to the tenant from here.")
        }
        Fault::UnknownName | Fault::NoNameServer => {
            again(UnknownReason::ApiError, "The tenant's name does not resolve.")
        }
        Fault::NotHttp => {
            unreadable(UnknownReason::NotUnderstood, "The answer is not HTTP.".into())
        }
        Fault::Tls(fault) => unreadable(
            UnknownReason::ApiError,
            format!("The TLS connection failed: {}.", fault.message()),
        ),
        Fault::NotPublic(_) => unreadable(
            UnknownReason::ApiError,
            "The tenant's name resolves to an address that is not public.".into(),
        ),
    }
}

fn of_body(answer: &Answer) -> Verdict {
    let cut = || {
        Verdict::Again(
            UnknownReason::ApiError,
            "The connection was cut in the middle of the answer.".into(),
        )
    };
    let body = match &answer.body {
        Ok(body) => body,
        Err(BodyFault::Cut) => return cut(),
        Err(BodyFault::TimedOut) => {
            return Verdict::Again(
                UnknownReason::TimedOut,
                "The answer was not complete in time.".into(),
            );
        }
        Err(BodyFault::TooLong) => {
            return unreadable(
                UnknownReason::NotUnderstood,
                "The answer is far longer than this resource can be.".into(),
            );
        }
    };
    match serde_json::from_slice(body) {
        Ok(value) => Verdict::Body(value),
        Err(fault) if fault.is_eof() && answer.ends_with_connection => cut(),
        Err(_) => unreadable(UnknownReason::NotUnderstood, "The answer is not JSON.".into()),
    }
}

/// The reading that a whole body is.
pub(crate) fn decoded(kind: ReadingKind, body: Value) -> Outcome {
    match kind.decode(body) {
        Ok(reading) => Outcome::Read(reading),
        Err(fault) => Outcome::Unreadable {
            reason: UnknownReason::NotUnderstood,
            message: format!("Not understood: {fault}."),
        },
    }
}

fn of_forbidden(kind: ReadingKind, answer: &Answer, secrets: &[&str]) -> Verdict {
    let envelope = Envelope::read(answer.body.as_deref().unwrap_or_default());
    match classify(&envelope) {
        Forbidden::NotInPlan => {
            plan_unavailable(kind, said("The tenant's plan does not include it", answer, secrets))
        }
        Forbidden::MissingScope => {
            Verdict::ScopeRefused(said("Our token lacks the scope", answer, secrets))
        }
        Forbidden::Otherwise => {
            unreadable(UnknownReason::Forbidden, said("Auth0 refuses access", answer, secrets))
        }
    }
}

fn plan_unavailable(kind: ReadingKind, message: String) -> Verdict {
    absent(kind, UnknownReason::PlanUnavailable, message)
}

/// Some resources exist on some tenants only; there their absence is an answer.
fn absent(kind: ReadingKind, reason: UnknownReason, message: String) -> Verdict {
    match kind.need() {
        Need::OnlySomeTenants => Verdict::Over(Box::new(Outcome::NotOffered { reason, message })),
        Need::Essential | Need::ByPlan | Need::Optional => unreadable(reason, message),
    }
}

fn unreadable(reason: UnknownReason, message: String) -> Verdict {
    Verdict::Over(Box::new(Outcome::Unreadable { reason, message }))
}

/// Whether the Management API itself says so, and not a proxy on the way.
fn is_of_auth0(answer: &Answer) -> bool {
    Envelope::read(answer.body.as_deref().unwrap_or_default()) != Envelope::default()
}

fn is_no_token(answer: &Answer) -> bool {
    let envelope = Envelope::read(answer.body.as_deref().unwrap_or_default());
    envelope.error_code == "Bearer" || envelope.message.starts_with("Bad HTTP authentication")
}

/// What we say, and in quotes what Auth0 said.
fn said(ours: &str, answer: &Answer, secrets: &[&str]) -> String {
    let envelope = Envelope::read(answer.body.as_deref().unwrap_or_default());
    let theirs = quote(&envelope.message, secrets);
    if theirs.is_empty() { format!("{ours}.") } else { format!("{ours}: “{theirs}”") }
}

/// The scope that a kind needs, in a message.
pub(crate) fn lacks_scope(kind: ReadingKind) -> Outcome {
    let scope = kind.scope().unwrap_or_default();
    Outcome::Unreadable {
        reason: UnknownReason::MissingScope,
        message: format!("Our token lacks the scope {scope}, so this was not asked for."),
    }
}

/// A tenant that refused our token and gave no other.
pub(crate) fn not_renewed(refusal: &OpenError) -> Outcome {
    let reason = match refusal.code {
        StepCode::RateLimited => UnknownReason::RateLimited,
        StepCode::Timeout => UnknownReason::TimedOut,
        _ if refusal.retryable => UnknownReason::ApiError,
        _ => UnknownReason::Forbidden,
    };
    let message = format!("Auth0 refused our token and gave no other. {}", refusal.message);
    Outcome::Unreadable { reason, message }
}

/// No turn before the deadline; `was_limited`: this request met a 429 before.
pub(crate) fn no_turn(no_turn: NoTurn, was_limited: bool) -> Outcome {
    match no_turn {
        NoTurn::Limited(Some(then)) => {
            let then = to_second(then);
            limited(&format!("Auth0 limits our rate until {then}, which is past the time we have."))
        }
        NoTurn::Limited(None) => limited("Auth0 limits our rate so that our time was over before."),
        NoTurn::TooLate if was_limited => {
            limited("Auth0 limited our rate until our time was over.")
        }
        NoTurn::TooLate => Outcome::Unreadable {
            reason: UnknownReason::TimedOut,
            message: "Our time was over before it was this reading's turn.".into(),
        },
    }
}

/// Until when the tenant allows no call, if that is why and if it is known.
pub(crate) fn cause_of(no_turn: NoTurn) -> Option<Cause> {
    match no_turn {
        NoTurn::Limited(then) => then.map(|then| Cause::LimitedUntil(to_second(then))),
        NoTurn::TooLate => None,
    }
}

/// A limited tenant, at the deadline or after too many tries.
pub(crate) fn limited(message: &str) -> Outcome {
    Outcome::Unreadable { reason: UnknownReason::RateLimited, message: message.to_owned() }
}

#[cfg(test)]
mod tests;
