//! What one answer of the Management API means for one reading.

use domain::readings::{Need, Reading, ReadingKind};
use domain::sync::Cause;
use domain::tenant::{Outcome, UnknownReason};
use serde_json::Value;

use crate::reading::forbidden::{Envelope, Forbidden, classify};
use crate::scrub::quote;
use crate::wire::{Answer, BodyFault, Fault};

/// The code of the one 404 that says that a tenant has no e-mail provider of its own.
const NO_EMAIL_PROVIDER: &str = "inexistent_email_provider";
const NO_MANAGEMENT_TOKEN: &str = "The token is not a Management API token (audience)";

/// What to do with an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// A body: the resource, or a page of it.
    Body(Value),
    /// The reading ends with this, and with what advice needs beyond the reason.
    Over(Box<Outcome>, Option<Cause>),
    /// 429: again when the tenant allows.
    Limited,
    /// Transient: again after a backoff; this is what it was.
    Again(UnknownReason, String),
    /// The token is refused: again with another one.
    Unauthorised(String, Cause),
    /// The request itself is refused: the same again would be too.
    Refused(String),
    /// 403 for the scope: again with another token, when ours may be older than the grant.
    ScopeRefused(String, Option<Cause>),
}

impl Verdict {
    /// What the tenant says by it to the token; none when it says nothing, or something on the way says it.
    pub fn accepts(&self, answer: &Answer) -> Option<bool> {
        match self {
            Self::Unauthorised(..) => Some(false),
            Self::Body(_) | Self::Refused(_) | Self::ScopeRefused(..) => Some(true),
            Self::Over(..) => is_of_auth0(answer).then_some(true),
            Self::Limited | Self::Again(..) => None,
        }
    }
}

/// Judges an answer.
pub(crate) fn of_answer(kind: ReadingKind, answer: &Answer, secrets: &[&str]) -> Verdict {
    let status = answer.status;
    match status.as_u16() {
        200 => of_body(answer),
        401 if is_for_another_audience(answer) => no_management_token(answer, secrets),
        401 => {
            let message = said("Auth0 refused our token", answer, secrets);
            Verdict::Unauthorised(message, Cause::TokenRefused)
        }
        400 if is_no_jwt(answer) => no_management_token(answer, secrets),
        402 => {
            plan_unavailable(kind, said("The tenant's plan does not include it", answer, secrets))
        }
        403 => of_forbidden(kind, answer, secrets),
        404 if kind == ReadingKind::EmailProvider && error_code(answer) == NO_EMAIL_PROVIDER => {
            Verdict::Over(Box::new(Outcome::Read(Reading::no_email_provider())), None)
        }
        404 => {
            let message = if is_of_auth0(answer) {
                said("Auth0 does not have this resource on this tenant (404)", answer, secrets)
            } else {
                "This address does not have the resource (404), and it is not Auth0 that says so."
                    .to_owned()
            };
            absent(kind, UnknownReason::NotSupported, message)
        }
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
    let said = |ours: &str| said(ours, answer, secrets);
    match classify(&envelope(answer)) {
        Forbidden::NotInPlan => {
            plan_unavailable(kind, said("The tenant's plan does not include it"))
        }
        Forbidden::AccountNotAllowed => {
            let message = said("Auth0 does not give this to the tenant's account");
            with_cause(plan_unavailable(kind, message), Cause::AccountNotAllowed)
        }
        Forbidden::Retired => {
            let message = said("Auth0 has retired this feature on this tenant");
            with_cause(retired(kind, message), Cause::FeatureRetired)
        }
        Forbidden::MissingScope(scopes) => {
            let is_ours = |scope: &String| kind.scope() == Some(scope.as_str());
            let has_others = !scopes.is_empty() && !scopes.iter().any(is_ours);
            let cause = has_others.then_some(Cause::OtherScopes(scopes));
            Verdict::ScopeRefused(said("Our token lacks the scope"), cause)
        }
        Forbidden::Otherwise => unreadable(UnknownReason::Forbidden, said("Auth0 refuses access")),
    }
}

fn plan_unavailable(kind: ReadingKind, message: String) -> Verdict {
    absent(kind, UnknownReason::PlanUnavailable, message)
}

/// Some resources exist on some tenants only; there their absence is an answer.
fn absent(kind: ReadingKind, reason: UnknownReason, message: String) -> Verdict {
    match kind.need() {
        Need::OnlySomeTenants => not_offered(reason, message),
        Need::Essential | Need::ByPlan | Need::Optional => unreadable(reason, message),
    }
}

/// A retired feature is not there for certain; no tenant lacks what is essential.
fn retired(kind: ReadingKind, message: String) -> Verdict {
    match kind.need() {
        Need::Essential => unreadable(UnknownReason::NotSupported, message),
        Need::ByPlan | Need::OnlySomeTenants | Need::Optional => {
            not_offered(UnknownReason::NotSupported, message)
        }
    }
}

fn not_offered(reason: UnknownReason, message: String) -> Verdict {
    Verdict::Over(Box::new(Outcome::NotOffered { reason, message }), None)
}

fn unreadable(reason: UnknownReason, message: String) -> Verdict {
    Verdict::Over(Box::new(Outcome::Unreadable { reason, message }), None)
}

fn with_cause(verdict: Verdict, cause: Cause) -> Verdict {
    match verdict {
        Verdict::Over(outcome, _) => Verdict::Over(outcome, Some(cause)),
        verdict => verdict,
    }
}

fn no_management_token(answer: &Answer, secrets: &[&str]) -> Verdict {
    let message = said(NO_MANAGEMENT_TOKEN, answer, secrets);
    Verdict::Unauthorised(message, Cause::NoManagementToken)
}

fn envelope(answer: &Answer) -> Envelope {
    Envelope::read(answer.body.as_deref().unwrap_or_default())
}

fn error_code(answer: &Answer) -> String {
    envelope(answer).error_code
}

/// Whether the Management API itself says so, and not a proxy on the way.
fn is_of_auth0(answer: &Answer) -> bool {
    envelope(answer) != Envelope::default()
}

/// A token for no API in particular is opaque, and refused as a malformed request.
fn is_no_jwt(answer: &Answer) -> bool {
    let envelope = envelope(answer);
    envelope.error_code == "Bearer" || envelope.message.starts_with("Bad HTTP authentication")
}

fn is_for_another_audience(answer: &Answer) -> bool {
    envelope(answer).message.starts_with("Bad audience")
}

/// What we say, and in quotes what Auth0 said.
fn said(ours: &str, answer: &Answer, secrets: &[&str]) -> String {
    let theirs = quote(&envelope(answer).message, secrets);
    if theirs.is_empty() { format!("{ours}.") } else { format!("{ours}: “{theirs}”") }
}

#[cfg(test)]
mod tests;
