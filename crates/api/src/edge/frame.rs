//! The one outer layer. Everything inside may fail as it likes: what leaves here has an id, is
//! never a bare error, and was logged once.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, header};
use tracing::Instrument as _;

use super::admission::write_headers;
use super::context::{Context, REQUEST_ID};
use super::observe::Observation;
use super::traceparent::Traceparent;
use super::{Edge, pressure};
use crate::problem::{ApiError, finish};

const NO_SNIFF: (HeaderName, HeaderValue) =
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// Puts the frame around a router; the answer to unknown paths is part of it.
pub fn frame<S: Clone + Send + Sync + 'static>(router: Router<S>, edge: Edge) -> Router<S> {
    router.fallback(async || ApiError::NotFound).layer(from_fn_with_state(edge, answer))
}

async fn answer(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let context = Context::new(request.headers(), request.uri().path(), &*edge.ids);
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        context.set_source(edge.trusted_proxies.source(*peer, request.headers()));
    }
    request.extensions_mut().insert(context.clone());
    let observation = Observation::start(&request, context.clone());
    let trace = Traceparent::of(request.headers());
    let span = tracing::info_span!(
        "request",
        request_id = context.request_id(),
        trace_id = trace.as_ref().map(|t| t.trace_id.as_str()),
        parent_id = trace.as_ref().map(|t| t.parent_id.as_str()),
    );
    async {
        let inner = AssertUnwindSafe(pressure::within(&edge, request, next)).catch_unwind();
        let response = inner.await.unwrap_or_else(|panic| {
            ApiError::internal(format!("panicked: {}", panic_text(panic.as_ref()))).into_response()
        });
        let mut response = finish(response, &context);
        complete_headers(&mut response, &context);
        observation.end(response.status());
        response
    }
    .instrument(span)
    .await
}

fn complete_headers(response: &mut Response, context: &Context) {
    let headers = response.headers_mut();
    for (name, value) in [NO_SNIFF, NO_STORE] {
        headers.entry(name).or_insert(value);
    }
    write_headers(&context.told(), headers);
    if let Ok(id) = HeaderValue::from_str(context.request_id()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}
