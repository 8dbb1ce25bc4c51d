//! Caps on load and time. Over either a request is refused, never left hanging.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::RequestContext;
use crate::extract::WAIT_MAX;
use crate::limits::{Concurrency, Connection};
use crate::problem::ApiError;
use crate::routes::{START_SYNC_PATH, UNCOUNTED_PATHS};

/// Runs the rest of the request with a permit of its client's address, until its caller is known.
pub async fn limit_concurrency(
    State(concurrency): State<Arc<Concurrency>>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let _in_hand = context.connection().map(Connection::begin_request);
    if !context.route().is_some_and(|path| UNCOUNTED_PATHS.contains(&path)) {
        let address = context.client_address().map(|source| source.ip());
        match concurrency.acquire_for_address(address) {
            Ok(permit) => context.hold_permit(permit),
            Err(error) => return ApiError::from(error).into_response(),
        }
    }
    let response = next.run(request).await;
    context.release_unauthenticated_permit();
    response
}

/// Stops a request that takes longer than its time. A request that may be told to wait has that time on top.
pub async fn limit_time(
    State(time): State<Duration>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let may_wait =
        request.method() == http::Method::POST && context.route() == Some(START_SYNC_PATH);
    let cap = time + if may_wait { WAIT_MAX } else { Duration::ZERO };
    match tokio::time::timeout(cap, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Unavailable {
            retry_after_s: 1,
            detail: "The request took too long and was stopped. Try again.",
            cause: None,
        }
        .into_response(),
    }
}
