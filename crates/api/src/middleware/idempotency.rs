//! `Idempotency-Key`: a POST that is repeated is done once and answered twice. The work runs in a
//! task of its own, so a client that goes away neither stops it half way nor leaves the key locked.
//! Kept: answers of success and `connection_test_failed`. Any other answer releases the key.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use domain::OrganisationId;
use engine::Engine;
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use jiff::SignedDuration;
use store::{IdempotencyScope, KeyState, StoredAnswer};
use tracing::Instrument as _;

use crate::middleware::{RequestContext, panic_text};
use crate::problem::ApiError;

/// After so long a request that never ended is taken for lost, and its key may be used again.
const LOCK_TTL: SignedDuration = SignedDuration::from_mins(2);
/// What is not done by then is given up, even when a database that fell silent never answers: before
/// the key's lock runs out, so that no two run at once.
const WORK_MAX: Duration = Duration::from_secs(115);
/// Largest answer that is kept, in bytes; ours are far smaller.
const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// The headers of an answer that are kept with it.
static KEPT_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    header::LINK,
    HeaderName::from_static("preference-applied"),
];
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Keeps these fingerprints apart from other uses of the same keys.
const MAC_PURPOSE: &str = "idempotency";

/// What makes a repeated request the same request.
pub struct IdempotentRequest {
    key: Option<String>,
    organisation_id: OrganisationId,
    subject: String,
    method: Method,
    context: RequestContext,
    body: String,
}

impl IdempotentRequest {
    /// `body` in its canonical form: members may come in another order, spaces do not count.
    pub fn new(
        key: Option<String>,
        (organisation_id, subject): (&OrganisationId, &str),
        method: &Method,
        context: RequestContext,
        body: &str,
    ) -> Self {
        Self {
            key,
            organisation_id: organisation_id.clone(),
            subject: subject.to_owned(),
            method: method.clone(),
            context,
            body: body.to_owned(),
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

/// Does the work, once for each key. The work has started when this returns.
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
    let fingerprint = store.keys().mac(MAC_PURPOSE, &[request.body.as_bytes()]);
    let now = engine.clock().now();
    match store.begin_idempotent(scope, &fingerprint, now, LOCK_TTL).await? {
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

/// A panic is an error like any other here, so that the key is released.
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
        let headers = KEPT_HEADERS.iter().filter_map(|name| {
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
    // Only answers of ours are kept, so their parts are valid.
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

/// Runs a change to its end though the client goes away. The work is started here, and only waited
/// for by the future.
pub fn run_detached<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Result<T, ApiError>> {
    let bounded = tokio::time::timeout(WORK_MAX, Box::pin(work));
    let started = tokio::spawn(bounded.in_current_span());
    async move {
        match started.await {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(_)) => Err(ApiError::Unavailable {
                retry_after_s: 5,
                detail: "The work took too long and was given up. Look whether it was done, then \
                         try again.",
                cause: None,
            }),
            Err(error) => Err(ApiError::internal(error.to_string())),
        }
    }
}
