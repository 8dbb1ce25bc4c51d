//! Caps on load and time. Over either a request is answered 503, never left hanging.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Context, Edge};
use crate::extract::WAIT_MAX;
use crate::problem::ApiError;
use crate::routes::{START_SYNC_PATH, UNCOUNTED_PATHS};

/// Runs the rest of the request inside the caps.
pub async fn within(edge: &Edge, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_counted = !route.is_some_and(|path| UNCOUNTED_PATHS.contains(&path));
    if is_counted {
        let Ok(place) = Arc::clone(&edge.requests).try_acquire_owned() else {
            return busy("Too many requests are being answered at the moment. Try again.");
        };
        if let Some(context) = request.extensions().get::<Context>() {
            context.keep(place);
        }
    }
    let may_wait = request.method() == http::Method::POST && route == Some(START_SYNC_PATH);
    let cap = edge.request_time + if may_wait { WAIT_MAX } else { Duration::ZERO };
    match tokio::time::timeout(cap, next.run(request)).await {
        Ok(response) => response,
        Err(_) => busy("The request took too long and was given up. Try again."),
    }
}

fn busy(detail: &'static str) -> Response {
    ApiError::Unavailable { retry_after_s: 1, detail, cause: None }.into_response()
}
