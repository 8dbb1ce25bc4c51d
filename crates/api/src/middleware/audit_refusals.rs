//! The audit of what was not done: each change that a known caller asked for and did not get, and
//! each request that a known caller may not make. What was done is audited by `engine`, in the same
//! transaction; so is a save whose test failed.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State as Given};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::AppState;
use crate::middleware::RequestContext;
use crate::middleware::idempotency::run_detached;
use crate::problem::{ApiError, ProblemKind};
use crate::routes::{changes, operation_id};

/// Puts the recorder around the routes.
pub fn layer(router: Router<AppState>, state: AppState) -> Router<AppState> {
    router.layer(from_fn_with_state(state, record))
}

async fn record(Given(state): Given<AppState>, request: Request, next: Next) -> Response {
    let attempt = Attempt::from_request(&request);
    let response = next.run(request).await;
    let error = response.extensions().get::<Arc<ApiError>>();
    if let (Some(attempt), Some(error)) = (attempt, error)
        && let Some(outcome) = attempt.outcome(error.kind())
    {
        attempt.write(&state, outcome, error.kind()).await;
    }
    response
}

struct Attempt {
    context: RequestContext,
    is_change: bool,
    action: &'static str,
    target: Option<Uuid>,
}

impl Attempt {
    fn from_request(request: &Request) -> Option<Self> {
        let route = request.extensions().get::<MatchedPath>()?.as_str();
        // HEAD is GET without a body, and has no operation of its own.
        let method = match *request.method() {
            Method::HEAD => &Method::GET,
            _ => request.method(),
        };
        let target = request.uri().path().split('/').find_map(|part| part.parse().ok());
        let action = operation_id(method, route)?;
        Some(Self {
            context: request.extensions().get::<RequestContext>()?.clone(),
            is_change: changes(method, action),
            action,
            target,
        })
    }

    /// None where there is nothing to write. Faults of ours are in the log: they refuse nobody. Who
    /// asks too often must not fill the audit with it. The engine writes a failed save by itself.
    fn outcome(&self, kind: ProblemKind) -> Option<&'static str> {
        match kind {
            ProblemKind::Unauthenticated | ProblemKind::Forbidden => Some("denied"),
            ProblemKind::ConnectionTestFailed | ProblemKind::RateLimited => None,
            _ if self.is_change && kind.spec().status.is_client_error() => Some("refused"),
            _ => None,
        }
    }

    async fn write(&self, state: &AppState, outcome: &'static str, kind: ProblemKind) {
        let Some(actor) = self.context.actor().cloned() else { return };
        let mut details = json!({"status": kind.spec().status.as_u16(), "code": kind.spec().code});
        if outcome == "denied" {
            let denials = &state.authenticator.rates.denials;
            match denials.admit(&actor.organisation_id, &actor.subject, state.now()) {
                None => return,
                Some(0) => {}
                Some(left_out) => details["left_out"] = json!(left_out),
            }
        }
        let (engine, action, target) = (state.engine.clone(), self.action, self.target);
        let work =
            async move { engine.record_refusal(&actor, action, target, outcome, details).await };
        let failure = match run_detached(work).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::error!(
            request_id = self.context.request_id(),
            action,
            outcome,
            cause = failure,
            "a refusal is missing in the audit"
        );
    }
}
