//! Renders a problem document (`application/problem+json`, RFC 9457) as a response with its headers.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use domain::credential::ACTIVE_MAX;
use domain::fault::FaultLocation;
use domain::{Fault, Faults, IntegrationId};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode, header};

use super::RequestContext;
use crate::problem::{ApiError, ProblemKind};
use crate::wire::connection_test::ConnectionTest;
use crate::wire::problem::{InputFault, MEDIA_TYPE, Problem};

/// `Retry-After` for `sync_in_progress`.
const SYNC_RETRY_AFTER_S: u32 = 5;
/// Number of faults listed in one response; `errors_omitted` counts the rest.
const ERRORS_MAX: usize = 50;
/// `Retry-After` for a caller over its quota of idempotency keys: some of them may have expired by then.
const KEYS_RETRY_AFTER_S: u32 = 600;

impl ApiError {
    pub fn render(&self, context: &RequestContext) -> Response {
        let document = serde_json::to_vec(&self.document(context));
        let document = document.expect("a problem is made of plain JSON types");
        let mut response = Response::new(Body::from(document));
        *response.status_mut() = self.kind().spec().status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }

    fn document(&self, context: &RequestContext) -> Problem {
        let row = self.kind().spec();
        let (mut errors, mut errors_omitted) = (None, None);
        let (mut sync_id, mut connection_test) = (None, None);
        let integration_id = self.integration_in_the_way().map(|id| id.0);
        match self {
            Self::Malformed(faults) | Self::Invalid(faults) => {
                errors = Some(input_faults(faults));
                errors_omitted = omitted(faults);
            }
            Self::PreconditionRequired => {
                let fault = Fault::header("if-match", "is required: send the ETag, or *");
                errors = Some(input_faults(&fault.into()));
            }
            Self::ConnectionTestFailed { report, reason } => {
                connection_test = Some(ConnectionTest::unrecorded(report, reason));
            }
            Self::SyncInProgress(id) => sync_id = Some(id.0),
            _ => {}
        }
        Problem {
            r#type: row.uri(),
            title: row.title,
            status: row.status.as_u16(),
            detail: self.detail(),
            instance: context.path().to_owned(),
            code: self.kind().into(),
            request_id: context.request_id().to_owned(),
            retryable: row.is_retryable,
            errors,
            errors_omitted,
            sync_id,
            integration_id,
            connection_test,
        }
    }

    fn integration_in_the_way(&self) -> Option<IntegrationId> {
        match self {
            Self::AssetNameTaken(id)
            | Self::TenantClientTaken(id)
            | Self::Moved(id)
            | Self::IntegrationDeleted(id)
            | Self::IntegrationDisabled(id) => Some(*id),
            _ => None,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Malformed(faults) | Self::Invalid(faults) => match faults.0.as_slice() {
                [_] | [] => faults.to_string(),
                many => {
                    let more = omitted(faults);
                    let more = more.map_or(String::new(), |more| {
                        format!(" The first {ERRORS_MAX} are listed, {more} more are omitted.")
                    });
                    format!("{} faults; see errors.{more}", many.len())
                }
            },
            Self::ConnectionTestFailed { report, .. } => report.message(),
            Self::Unauthenticated(Some(why)) | Self::Forbidden(why) | Self::NotKept(why) => {
                (*why).to_owned()
            }
            Self::AssetNameTaken(id) => {
                format!("Integration {id} has this asset name. Names are compared without case.")
            }
            Self::TenantClientTaken(id) => {
                format!("Integration {id} connects to the same tenant with the same client ID.")
            }
            Self::Moved(id) => format!(
                "The API Identifier or Client ID of integration {id} changed during the request. Read it, and set \
                 the next secret again if it belongs to them."
            ),
            Self::Unauthenticated(None) => {
                "Send an access token: Authorization: Bearer <token>.".to_owned()
            }
            Self::WrongCredentials => {
                "Send the id and secret of an API credential: Authorization: Basic <id:secret in \
                 base64>."
                    .to_owned()
            }
            Self::TooManyCredentials => {
                format!(
                    "The organisation has {ACTIVE_MAX} active API credentials. Revoke one first."
                )
            }
            Self::TooManyIntegrations(max) => {
                format!("The organisation has {max} integrations. Delete one first.")
            }
            Self::SyncInProgress(id) => {
                format!("Sync {id} is queued or running. Follow it, or wait until it ends.")
            }
            Self::TooManyKeys => "The quota of idempotency keys for 24 hours is used up. \
                Retry later, or send the request without a key."
                .to_owned(),
            Self::UnsupportedMediaType(supported) => format!("Send {supported}."),
            Self::Unavailable { detail, .. } => (*detail).to_owned(),
            _ => self.kind().spec().meaning.replace('`', ""),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after_s } | Self::Unavailable { retry_after_s, .. } => {
                Some(*retry_after_s)
            }
            Self::SyncInProgress(_) => Some(SYNC_RETRY_AFTER_S),
            Self::IdempotencyKeyInUse => Some(1),
            Self::TooManyKeys => Some(KEYS_RETRY_AFTER_S),
            _ => None,
        }
    }

    /// RFC 6750 section 3: without a token the challenge has no error code. `POST /v1/token` uses Basic
    /// authentication (RFC 7617).
    fn challenge(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Unauthenticated(None) => r#"Bearer realm="safe-auth0""#.to_owned(),
            Self::Unauthenticated(Some(why)) => format!(
                r#"Bearer realm="safe-auth0", error="invalid_token", error_description="{why}""#
            ),
            Self::Forbidden(why) => format!(
                r#"Bearer realm="safe-auth0", error="insufficient_scope", error_description="{why}""#
            ),
            Self::WrongCredentials => r#"Basic realm="safe-auth0", charset="UTF-8""#.to_owned(),
            _ => return None,
        };
        HeaderValue::from_str(&text).ok()
    }
}

fn input_faults(faults: &Faults) -> Vec<InputFault> {
    let placed = |fault: &Fault| {
        let (mut pointer, mut parameter, mut header) = (None, None, None);
        match &fault.place {
            FaultLocation::Pointer(at) => pointer = Some(at.clone()),
            FaultLocation::Parameter(at) => parameter = Some(at.clone()),
            FaultLocation::Header(at) => header = Some(at.clone()),
        }
        InputFault { pointer, parameter, header, detail: fault.detail.clone() }
    };
    faults.0.iter().take(ERRORS_MAX).map(placed).collect()
}

fn omitted(faults: &Faults) -> Option<usize> {
    faults.0.len().checked_sub(ERRORS_MAX).filter(|more| *more > 0)
}

/// Replaces every response of 400 or more with a problem document: `ApiError`s, and the framework's own
/// responses, whose headers (`Allow`) are kept.
pub fn render(response: Response, context: &RequestContext) -> Response {
    if let Some(error) = response.extensions().get::<Arc<ApiError>>().cloned() {
        log_cause(&error, context);
        return with_headers_of(&response, error.render(context));
    }
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_problem(&response) {
        return response;
    }
    with_headers_of(&response, problem_for_status(status).render(context))
}

fn is_problem(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|value| value == MEDIA_TYPE)
}

fn with_headers_of(bare: &Response, mut problem: Response) -> Response {
    for (name, value) in bare.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            problem.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
    problem
}

/// The framework's own responses carry only a status.
fn problem_for_status(status: StatusCode) -> ApiError {
    let whole_body = |detail: &str| Faults::from(Fault::at("", detail));
    let by_status = |kind: &&ProblemKind| kind.spec().status == status;
    match ProblemKind::ALL.iter().find(by_status) {
        Some(ProblemKind::MalformedRequest) => ApiError::Malformed(whole_body("cannot be read")),
        Some(ProblemKind::ValidationFailed) => ApiError::Invalid(whole_body("is not valid")),
        Some(ProblemKind::Unauthenticated) => ApiError::Unauthenticated(None),
        Some(ProblemKind::NotFound) => ApiError::NotFound,
        Some(ProblemKind::MethodNotAllowed) => ApiError::MethodNotAllowed,
        Some(ProblemKind::PayloadTooLarge) => ApiError::PayloadTooLarge,
        Some(ProblemKind::UnsupportedMediaType) => {
            ApiError::UnsupportedMediaType("application/json")
        }
        Some(ProblemKind::RateLimited) => ApiError::RateLimited { retry_after_s: 1 },
        Some(ProblemKind::Unavailable) => {
            ApiError::unavailable(1, "The service is overloaded. Retry shortly.")
        }
        _ if status.is_client_error() => ApiError::Malformed(whole_body("cannot be read")),
        _ => ApiError::internal(format!("the framework answered {status}")),
    }
}

fn log_cause(error: &ApiError, context: &RequestContext) {
    let Some(cause) = error.cause() else { return };
    let mut chain = cause.to_string();
    let mut source = cause.source();
    while let Some(deeper) = source {
        chain = format!("{chain}: {deeper}");
        source = deeper.source();
    }
    tracing::error!(
        code = error.kind().spec().code,
        request_id = context.request_id(),
        cause = chain,
        "request failed with an internal error"
    );
}
