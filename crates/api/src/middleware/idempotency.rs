//! `Idempotency-Key`: a repeated POST runs once and gets the stored response. The work runs in its own task, so a
//! client that disconnects neither interrupts it nor leaves the key locked. Stored: successes and
//! `connection_test_failed`. Any other response releases the key.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use domain::OrganisationId;
use engine::{Actor, Engine};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::SignedDuration;
use store::{IdempotencyScope, KeyRing, KeyState, StoredAnswer};
use tracing::Instrument as _;

use crate::middleware::{RequestContext, panic_text};
use crate::problem::ApiError;

/// A request that has not ended after this time counts as lost: its key can be used again.
const LOCK_TTL: SignedDuration = SignedDuration::from_mins(2);
/// Time limit of the work, even if the database never responds. Shorter than `LOCK_TTL`, so that two requests with one
/// key never run at the same time.
const WORK_MAX: Duration = Duration::from_secs(115);
/// Largest response that is stored, in bytes. Responses are far smaller.
const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// The headers that are stored with a response.
static STORED_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    header::LINK,
    HeaderName::from_static("preference-applied"),
];
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Separates these fingerprints from other uses of the same encryption keys.
const MAC_PURPOSE: &str = "idempotency";

/// What identifies a repeated request.
pub struct IdempotentRequest {
    key: Option<String>,
    organisation_id: OrganisationId,
    subject: String,
    method: Method,
    context: RequestContext,
    fingerprint: [u8; 32],
}

/// Of a body in canonical form: the order of members and white space do not matter.
pub fn fingerprint(keys: &KeyRing, body: &[u8]) -> [u8; 32] {
    keys.mac(MAC_PURPOSE, &[body])
}

impl IdempotentRequest {
    pub fn new(
        key: Option<String>,
        actor: &Actor,
        method: &Method,
        context: RequestContext,
        fingerprint: [u8; 32],
    ) -> Self {
        Self {
            key,
            organisation_id: actor.organisation_id.clone(),
            subject: actor.subject.clone(),
            method: method.clone(),
            context,
            fingerprint,
        }
    }

    fn scope(&self) -> Option<IdempotencyScope> {
        let key = self.key.clone()?;
        Some(IdempotencyScope {
            org: self.organisation_id.clone(),
            subject: self.subject.clone(),
            method: self.method.to_string(),
            path: self.context.path().to_owned(),
            key,
        })
    }
}

/// Runs the work once for each key. The work has started when this returns.
pub fn run_idempotent<W>(
    engine: Engine,
    request: IdempotentRequest,
    work: W,
) -> impl Future<Output = Result<Response, ApiError>>
where
    W: Future<Output = Result<Response, ApiError>> + Send + 'static,
{
    let task = run_detached(async move {
        match request.scope() {
            None => run(work).await,
            Some(scope) => run_or_replay(&engine, &scope, &request, work).await,
        }
    });
    async move { task.await? }
}

async fn run_or_replay<W>(
    engine: &Engine,
    scope: &IdempotencyScope,
    request: &IdempotentRequest,
    work: W,
) -> Result<Response, ApiError>
where
    W: Future<Output = Result<Response, ApiError>> + Send + 'static,
{
    let store = engine.store();
    let now = engine.clock().now();
    match store.begin_idempotent(scope, &request.fingerprint, now, LOCK_TTL).await? {
        KeyState::Replay(answer) => return Ok(replay(answer)),
        KeyState::OtherBody => return Err(ApiError::IdempotencyKeyReused),
        KeyState::Running => return Err(ApiError::IdempotencyKeyInUse),
        KeyState::TooMany => return Err(ApiError::TooManyKeys),
        KeyState::Fresh => {}
    }
    let response = match run(work).await {
        Err(error @ ApiError::ConnectionTestFailed { .. }) => Ok(error.render(&request.context)),
        other => other,
    };
    let captured = match response {
        Ok(response) => CapturedResponse::from(response).await,
        Err(error) => {
            if let Err(cause) = store.abandon_idempotent(scope).await {
                tracing::warn!(%cause, "an idempotency key stays locked for a while");
            }
            return Err(error);
        }
    }?;
    if let Err(cause) = store.finish_idempotent(scope, &captured.0, engine.clock().now()).await {
        tracing::warn!(%cause, "the response is not stored for its idempotency key");
    }
    Ok(restore_response(captured.0))
}

/// Turns a panic into an error, so that the key is released.
async fn run<W>(work: W) -> Result<Response, ApiError>
where
    W: Future<Output = Result<Response, ApiError>>,
{
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        Err(ApiError::internal(format!("panicked: {}", panic_text(panic.as_ref()))))
    })
}

struct CapturedResponse(StoredAnswer);

impl CapturedResponse {
    async fn from(response: Response) -> Result<Self, ApiError> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, RESPONSE_BYTES_MAX).await;
        let body = body.map_err(|error| ApiError::internal(error.to_string()))?;
        let headers = STORED_HEADERS.iter().filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        Ok(Self(StoredAnswer {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: body.to_vec(),
        }))
    }
}

fn restore_response(answer: StoredAnswer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    // Only responses of this service are stored, so their parts are valid.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn replay(answer: StoredAnswer) -> Response {
    let mut response = restore_response(answer);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Runs a change to its end even if the client disconnects. The work starts now; the future only waits for it.
pub fn run_detached<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Result<T, ApiError>> {
    let bounded = tokio::time::timeout(WORK_MAX, Box::pin(work));
    let started = tokio::spawn(bounded.in_current_span());
    async move {
        match started.await {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(_)) => Err(ApiError::unavailable(
                5,
                "The work took too long and was stopped. Check whether it was done before \
                         you retry.",
            )),
            Err(error) => Err(ApiError::internal(error.to_string())),
        }
    }
}
