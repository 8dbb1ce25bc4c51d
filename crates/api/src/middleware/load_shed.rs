//! Limits on concurrency and time. A request over a limit gets an error response immediately.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::RequestContext;
use crate::limits::{Concurrency, Connection};
use crate::operation::{Operation, Timeout, WAIT_MAX};
use crate::problem::ApiError;

/// Runs the request with a permit of its client's address, until its caller is known.
pub async fn limit_concurrency(
    State(concurrency): State<Arc<Concurrency>>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let _in_hand = context.connection().map(Connection::begin_request);
    // Probes and metrics are answered under any load.
    if !context.operation().is_some_and(Operation::is_public) {
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

/// Stops a request that exceeds its time limit. `Prefer: wait=N` adds to the limit where the operation accepts it.
pub async fn limit_time(
    State(time): State<Duration>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let wait = match context.operation().map(|each| each.declared.timeout) {
        Some(Timeout::RequestAndWait) => WAIT_MAX,
        Some(Timeout::Request) | None => Duration::ZERO,
    };
    let cap = time + wait;
    match tokio::time::timeout(cap, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            ApiError::unavailable(1, "The request took too long and was stopped. Retry later.")
                .into_response()
        }
    }
}
