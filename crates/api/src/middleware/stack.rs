//! The one outer layer. Everything inside may fail as it likes: what leaves here has an id, is
//! never a bare error, and was logged once.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Version, header};
use tracing::Instrument as _;

use super::access_log::RequestLog;
use super::request_context::{REQUEST_ID, RequestContext};
use super::traceparent::Traceparent;
use super::{Edge, load_shed};
use crate::extract::BODY_MAX;
use crate::limits::Connection;
use crate::limits::write_headers;
use crate::middleware::{RequestBody, check_host, watch};
use crate::problem::{ApiError, render};

/// How long the rest of a body is waited for that nobody reads.
const DRAIN_TIME: Duration = Duration::from_secs(5);
const NO_SNIFF: (HeaderName, HeaderValue) =
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// Puts the frame around a router; the answer to unknown paths is part of it.
pub fn apply<S: Clone + Send + Sync + 'static>(router: Router<S>, edge: Edge) -> Router<S> {
    router.fallback(async || ApiError::NotFound).layer(from_fn_with_state(edge, handle))
}

async fn handle(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let context = RequestContext::new(request.headers(), request.uri().path(), &*edge.ids);
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        context.set_client_address(edge.trusted_proxies.source(*peer, request.headers()));
    }
    if let Some(connection) = request.extensions().get::<Connection>() {
        context.set_connection(connection.clone());
    }
    request.extensions_mut().insert(context.clone());
    let observation = RequestLog::start(&request, context.clone());
    let trace = Traceparent::of(request.headers());
    let span = tracing::info_span!(
        "request",
        request_id = context.request_id(),
        trace_id = trace.as_ref().map(|t| t.trace_id.as_str()),
        parent_id = trace.as_ref().map(|t| t.parent_id.as_str()),
    );
    async {
        let in_hand = context.connection().map(Connection::begin_request);
        let unread = UnreadBody::watch(&mut request, &edge);
        let response = match check_host(&request) {
            Ok(()) => {
                let inner = load_shed::limit_concurrency_and_time(&edge, &context, request, next);
                AssertUnwindSafe(inner).catch_unwind().await.unwrap_or_else(|panic| {
                    let what = format!("panicked: {}", panic_text(panic.as_ref()));
                    ApiError::internal(what).into_response()
                })
            }
            Err(refusal) => refusal.into_response(),
        };
        context.release_unauthenticated_permit();
        drop(in_hand);
        let mut response = render(response, &context);
        if !unread.leaves_connection_usable().await {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        complete_headers(&mut response, &context);
        observation.end(response.status());
        let connection = context.connection().cloned();
        response.map(|body| watch(body, context, connection, edge.stall_time))
    }
    .instrument(span)
    .await
}

/// What is left of a request's body when its answer is ready.
struct UnreadBody {
    body: RequestBody,
    /// Whether it is worth reading to its end.
    may_drain: bool,
    is_http1: bool,
}

impl UnreadBody {
    /// Puts a body in the place of the request's own that can still be had when the request is gone.
    fn watch(request: &mut Request, edge: &Edge) -> Self {
        let body = RequestBody::new(std::mem::take(request.body_mut()), edge.body_allowance);
        let headers = request.headers();
        let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let declared: Option<u64> = declared.and_then(|text| text.parse().ok());
        // Reading would ask a client for its body that waits to be asked.
        let may_drain = declared.is_none_or(|length| length <= BODY_MAX as u64)
            && !headers.contains_key(header::EXPECT);
        let is_http1 = request.version() < Version::HTTP_2;
        *request.body_mut() = Body::new(body.clone());
        Self { body, may_drain, is_http1 }
    }

    /// Whether another request can follow on the connection: the body was read, or could be drained. On
    /// HTTP/2 an answer ends its own stream only.
    async fn leaves_connection_usable(self) -> bool {
        if !self.is_http1 || self.body.is_read() {
            return true;
        }
        (self.may_drain || self.body.is_begun()) && self.body.drain(BODY_MAX, DRAIN_TIME).await
    }
}

fn complete_headers(response: &mut Response, context: &RequestContext) {
    let headers = response.headers_mut();
    for (name, value) in [NO_SNIFF, NO_STORE] {
        headers.entry(name).or_insert(value);
    }
    write_headers(&context.rate_limit_statuses(), headers);
    if let Ok(id) = HeaderValue::from_str(context.request_id()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}
