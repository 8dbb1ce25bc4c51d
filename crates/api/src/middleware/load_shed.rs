//! Caps on load and time. Over either a request is refused, never left hanging.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Edge, RequestContext};
use crate::extract::WAIT_MAX;
use crate::problem::ApiError;
use crate::routes::{START_SYNC_PATH, UNCOUNTED_PATHS};

/// Runs the rest of the request inside the caps.
pub async fn limit_concurrency_and_time(
    edge: &Edge,
    context: &RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_counted = !route.is_some_and(|path| UNCOUNTED_PATHS.contains(&path));
    if is_counted {
        let address = context.client_address().map(|source| source.ip());
        match edge.concurrency.acquire_for_address(address) {
            Ok(permit) => context.hold_permit(permit),
            Err(refusal) => return refusal.into_response(),
        }
    }
    let may_wait = request.method() == http::Method::POST && route == Some(START_SYNC_PATH);
    let cap = edge.request_time + if may_wait { WAIT_MAX } else { Duration::ZERO };
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
