//! How a change runs: `Idempotency-Key` is read as the operation declares, the input is checked as a whole, and the
//! work runs to its end even when the client disconnects.

use std::future::Future;

use axum::response::Response;
use engine::Actor;

use crate::AppState;
use crate::extract::{Caller, RequestInput};
use crate::middleware::idempotency::run_idempotent;
use crate::problem::ApiError;

/// Runs `work` with the input that was read, or returns every fault of the request.
pub async fn command<T, W>(
    state: AppState,
    caller: &Caller,
    mut input: RequestInput,
    value: Option<T>,
    work: impl FnOnce(AppState, Actor, T) -> W,
) -> Result<Response, ApiError>
where
    W: Future<Output = Result<Response, ApiError>> + Send + 'static,
{
    let request = input.idempotent_request(caller, state.store().keys());
    let value = input.finish(value)?;
    let work = work(state.clone(), caller.actor.clone(), value);
    run_idempotent(state.engine, request, work).await
}
