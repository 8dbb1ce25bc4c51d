//! Classifies responses of the Management API to readings.

use domain::inconclusive::UnknownReason;
use domain::readings::{Need, Reading, ReadingKind};
use domain::sync::Cause;
use domain::tenant::Outcome;
use serde_json::Value;

use crate::reading::forbidden::{Envelope, Forbidden, classify};
use crate::redact::redacted_excerpt;
use crate::transport::{Answer, BodyFault, TransportError};

/// The code of the 404 for a tenant without its own e-mail provider.
const NO_EMAIL_PROVIDER: &str = "inexistent_email_provider";
const NO_MANAGEMENT_TOKEN: &str = "The token is not a Management API token (audience)";

/// What to do after a response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ResponseClass {
    /// The resource, or a page of it.
    Body(Value),
    /// The reading ends, with additional information for hints.
    Over(Box<Outcome>, Option<Cause>),
    /// 429: retry when the tenant allows it.
    Limited,
    /// Transient: retry after a backoff. Reason and message.
    Again(UnknownReason, String),
    /// The token is refused: retry with another one.
    Unauthorised(String, Cause),
    /// The request itself is refused: a retry would be refused too.
    Refused(String),
    /// 403 because of the scope: retry with another token if this one may be older than the grant.
    ScopeRefused(String, Option<Cause>),
}

impl ResponseClass {
    /// Whether the tenant accepts the token. None: the response does not show it, or does not come from the tenant.
    pub fn accepts(&self, answer: &Answer) -> Option<bool> {
        match self {
            Self::Unauthorised(..) => Some(false),
            Self::Body(_) | Self::Refused(_) | Self::ScopeRefused(..) => Some(true),
            Self::Over(..) => is_of_auth0(answer).then_some(true),
            Self::Limited | Self::Again(..) => None,
        }
    }
}

pub(crate) fn of_answer(kind: ReadingKind, answer: &Answer, secrets: &[&str]) -> ResponseClass {
    let status = answer.status;
    match status.as_u16() {
        200 => of_body(answer),
        401 if is_for_another_audience(answer) => no_management_token(answer, secrets),
        401 => {
            let message = describe("Auth0 refused our token", answer, secrets);
            ResponseClass::Unauthorised(message, Cause::TokenRefused)
        }
        400 if is_no_jwt(answer) => no_management_token(answer, secrets),
        402 => plan_unavailable(
            kind,
            describe("The tenant's plan does not include it", answer, secrets),
        ),
        403 => of_forbidden(kind, answer, secrets),
        404 if kind == ReadingKind::EmailProvider && error_code(answer) == NO_EMAIL_PROVIDER => {
            ResponseClass::Over(Box::new(Outcome::Read(Reading::no_email_provider())), None)
        }
        404 => {
            let message = if is_of_auth0(answer) {
                describe("Auth0 does not have this resource on this tenant (404)", answer, secrets)
            } else {
                "This address does not have the resource (404), and it is not Auth0 that says so."
                    .to_owned()
            };
            absent(kind, UnknownReason::NotSupported, message)
        }
        408 => ResponseClass::Again(UnknownReason::TimedOut, "Auth0 gave up waiting (408).".into()),
        429 => ResponseClass::Limited,
        500.. => ResponseClass::Again(UnknownReason::ApiError, format!("Auth0 answered {status}.")),
        300..400 => unreadable(
            UnknownReason::NotUnderstood,
            format!("Auth0 answered with a redirect ({}), which is not followed.", status.as_u16()),
        ),
        400..500 if is_of_auth0(answer) => ResponseClass::Refused(describe(
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

/// Classifies a request without a complete response.
pub(crate) fn of_fault(fault: TransportError) -> ResponseClass {
    use UnknownReason::{ApiError, NotUnderstood, TimedOut};
    let (reason, message) = match fault {
        TransportError::AnswerTimeout => (TimedOut, "No answer in time."),
        TransportError::ConnectTimeout => (TimedOut, "No connection in time."),
        TransportError::Closed => (ApiError, "The connection was closed before the answer."),
        TransportError::Refused => (ApiError, "The connection was refused."),
        TransportError::NoRoute => (ApiError, "There is no way to the tenant from here."),
        TransportError::UnknownName | TransportError::NoNameServer => {
            (ApiError, "The tenant's name does not resolve.")
        }
        TransportError::NotHttp => (NotUnderstood, "The answer is not HTTP."),
        TransportError::Tls(fault) => {
            let message = format!("The TLS connection failed: {}.", fault.message());
            return unreadable(ApiError, message);
        }
        TransportError::NotPublic(_) => {
            (ApiError, "The tenant's name resolves to an address that is not public.")
        }
        TransportError::Body(BodyFault::Cut) => {
            (ApiError, "The connection was cut in the middle of the answer.")
        }
        TransportError::Body(BodyFault::TimedOut) => {
            (TimedOut, "The answer was not complete in time.")
        }
        TransportError::Body(BodyFault::NoRoom) => {
            (ApiError, "The tenant's answers are together more than fits into memory at once.")
        }
        TransportError::Body(BodyFault::TooLong) => {
            (NotUnderstood, "The answer is far longer than this resource can be.")
        }
        TransportError::Body(BodyFault::TooManyValues) => {
            (NotUnderstood, "The answer has far more values than this resource can have.")
        }
    };
    if fault.is_transient() {
        ResponseClass::Again(reason, message.to_owned())
    } else {
        unreadable(reason, message.to_owned())
    }
}

fn of_body(answer: &Answer) -> ResponseClass {
    let body = match &answer.body {
        Ok(body) => body,
        Err(fault) => return of_fault((*fault).into()),
    };
    match serde_json::from_slice(body) {
        Ok(value) => ResponseClass::Body(value),
        Err(fault) if fault.is_eof() && answer.ends_with_connection => {
            of_fault(BodyFault::Cut.into())
        }
        Err(_) => unreadable(UnknownReason::NotUnderstood, "The answer is not JSON.".into()),
    }
}

/// Decodes a body.
pub(crate) fn decoded(kind: ReadingKind, body: Value) -> Outcome {
    match kind.decode(body) {
        Ok(reading) => Outcome::Read(reading),
        Err(fault) => Outcome::Unreadable {
            reason: UnknownReason::NotUnderstood,
            message: format!("Not understood: {fault}."),
        },
    }
}

fn of_forbidden(kind: ReadingKind, answer: &Answer, secrets: &[&str]) -> ResponseClass {
    let said = |ours: &str| describe(ours, answer, secrets);
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
            ResponseClass::ScopeRefused(said("Our token lacks the scope"), cause)
        }
        Forbidden::Otherwise => unreadable(UnknownReason::Forbidden, said("Auth0 refuses access")),
    }
}

fn plan_unavailable(kind: ReadingKind, message: String) -> ResponseClass {
    absent(kind, UnknownReason::PlanUnavailable, message)
}

/// Resources that only some tenants have: their absence is a result.
fn absent(kind: ReadingKind, reason: UnknownReason, message: String) -> ResponseClass {
    match kind.need() {
        Need::OnlySomeTenants => not_offered(reason, message),
        Need::Essential | Need::ByPlan | Need::Optional => unreadable(reason, message),
    }
}

/// A retired feature is certainly absent; essential resources are never absent.
fn retired(kind: ReadingKind, message: String) -> ResponseClass {
    match kind.need() {
        Need::Essential => unreadable(UnknownReason::NotSupported, message),
        Need::ByPlan | Need::OnlySomeTenants | Need::Optional => {
            not_offered(UnknownReason::NotSupported, message)
        }
    }
}

fn not_offered(reason: UnknownReason, message: String) -> ResponseClass {
    ResponseClass::Over(Box::new(Outcome::NotOffered { reason, message }), None)
}

fn unreadable(reason: UnknownReason, message: String) -> ResponseClass {
    ResponseClass::Over(Box::new(Outcome::Unreadable { reason, message }), None)
}

fn with_cause(class: ResponseClass, cause: Cause) -> ResponseClass {
    match class {
        ResponseClass::Over(outcome, _) => ResponseClass::Over(outcome, Some(cause)),
        class => class,
    }
}

fn no_management_token(answer: &Answer, secrets: &[&str]) -> ResponseClass {
    let message = describe(NO_MANAGEMENT_TOKEN, answer, secrets);
    ResponseClass::Unauthorised(message, Cause::NoManagementToken)
}

fn envelope(answer: &Answer) -> Envelope {
    Envelope::read(answer.body.as_deref().unwrap_or_default())
}

fn error_code(answer: &Answer) -> String {
    envelope(answer).error_code
}

/// Whether the response is from the Management API itself and not from a proxy.
fn is_of_auth0(answer: &Answer) -> bool {
    envelope(answer) != Envelope::default()
}

/// A token without an audience is opaque, and refused as a malformed request.
fn is_no_jwt(answer: &Answer) -> bool {
    let envelope = envelope(answer);
    envelope.error_code == "Bearer" || envelope.message.starts_with("Bad HTTP authentication")
}

fn is_for_another_audience(answer: &Answer) -> bool {
    envelope(answer).message.starts_with("Bad audience")
}

/// Our message, with Auth0's message in quotes.
fn describe(ours: &str, answer: &Answer, secrets: &[&str]) -> String {
    let theirs = redacted_excerpt(&envelope(answer).message, secrets);
    if theirs.is_empty() { format!("{ours}.") } else { format!("{ours}: “{theirs}”") }
}

#[cfg(test)]
mod tests;
