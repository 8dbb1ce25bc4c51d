//! The middleware stack, outermost layer first. Layers are tower-http's where it has one;
//! `docs/adr/0006-what-the-middleware-does-without-tower-http.md` explains the others.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use domain::IdSource;
use http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::on_early_drop::OnEarlyDropLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use super::request_context::ClientAddresses;
use super::{
    Authenticator, BodyAllowance, RequestContext, access_log, body_deadline, catch_panic,
    compression, host, load_shed, render, request_context, request_id, response_body,
};
use crate::limits::{Limits, write_headers};
use crate::problem::ApiError;

/// Bytes of a request body that allow one more second.
const BODY_BYTES_PER_SECOND: u32 = 4096;

/// Adds the stack to a router, with the response for unknown paths.
pub fn apply<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    limits: &Limits,
    ids: &Arc<dyn IdSource>,
    authenticator: &Authenticator,
) -> Router<S> {
    let addresses = Arc::new(ClientAddresses {
        proxies: limits.trusted_proxies.clone(),
        rates: authenticator.rates.clone(),
        clock: authenticator.clock.clone(),
    });
    let body_allowance =
        BodyAllowance { time: limits.body_time, bytes_per_second: BODY_BYTES_PER_SECOND };
    let stack = ServiceBuilder::new()
        // The request id.
        .map_request(request_id::check(ids.clone()))
        .layer(SetRequestIdLayer::x_request_id(request_id::NewRequestId(ids.clone())))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetSensitiveRequestHeadersLayer::new([header::AUTHORIZATION]))
        .layer(from_fn_with_state(addresses, request_context::create))
        // Span and access log.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(access_log::span)
                .on_request(())
                .on_response(access_log::log_response)
                // The cause of a failure is logged where its problem is rendered.
                .on_failure(())
                .on_body_chunk(())
                .on_eos(()),
        )
        .layer(OnEarlyDropLayer::builder().on_future_drop(access_log::log_abandoned))
        .layer(from_fn(access_log::keep_context))
        // Slow clients.
        .layer(from_fn_with_state(limits.stall_time, response_body::stall_timeout))
        .layer(from_fn_with_state(body_allowance, body_deadline::body_deadline))
        // Headers of every response.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(from_fn(rate_limit_headers))
        .map_request(compression::keep_supported_codings)
        .layer(
            CompressionLayer::new()
                .quality(compression::LEVEL)
                .compress_when(compression::is_compressible()),
        )
        .layer(from_fn_with_state(compression::encoders(), compression::limit_encoders))
        // Errors from the layers below become problem documents.
        .layer(from_fn(render_problems))
        .layer(from_fn(host::require_host))
        .layer(from_fn_with_state(authenticator.concurrency.clone(), load_shed::limit_concurrency))
        .layer(CatchPanicLayer::custom(catch_panic::internal_error))
        .layer(from_fn_with_state(limits.request_time, load_shed::limit_time));
    router.fallback(async || ApiError::NotFound).layer(stack)
}

async fn rate_limit_headers(context: RequestContext, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    write_headers(&context.rate_limit_statuses(), response.headers_mut());
    response
}

async fn render_problems(context: RequestContext, request: Request, next: Next) -> Response {
    render(next.run(request).await, &context)
}
