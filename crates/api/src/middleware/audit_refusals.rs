//! The audit of refusals: each change that was refused to a known caller, and each request that the caller may not
//! make. `engine` audits changes in their own transaction, and also a save whose connection test failed.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use engine::Engine;
use serde_json::json;
use uuid::Uuid;

use crate::limits::RateLimits;
use crate::middleware::RequestContext;
use crate::middleware::idempotency::run_detached;
use crate::operation::Operation;
use crate::problem::{ApiError, ProblemKind};

/// Adds the recorder to the routes.
pub fn layer<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    engine: Engine,
    rates: Arc<RateLimits>,
) -> Router<S> {
    router.layer(from_fn_with_state((engine, rates), record))
}

async fn record(
    State((engine, rates)): State<(Engine, Arc<RateLimits>)>,
    request: Request,
    next: Next,
) -> Response {
    let attempt = Attempt::from_request(&request);
    let response = next.run(request).await;
    let error = response.extensions().get::<Arc<ApiError>>();
    if let (Some(attempt), Some(error)) = (attempt, error)
        && let Some(outcome) = attempt.outcome(error.kind())
    {
        attempt.write(&engine, &rates, outcome, error.kind()).await;
    }
    response
}

struct Attempt {
    context: RequestContext,
    operation: &'static Operation,
    target: Option<Uuid>,
}

impl Attempt {
    fn from_request(request: &Request) -> Option<Self> {
        let target = request.uri().path().split('/').find_map(|part| part.parse().ok());
        Some(Self {
            context: request.extensions().get::<RequestContext>()?.clone(),
            operation: Operation::matched(request.extensions())?,
            target,
        })
    }

    /// The outcome to record, if any. Server errors are in the log. Rate-limited requests must not fill the
    /// audit. `engine` records a failed save.
    fn outcome(&self, kind: ProblemKind) -> Option<&'static str> {
        match kind {
            ProblemKind::Unauthenticated | ProblemKind::Forbidden => Some("denied"),
            ProblemKind::ConnectionTestFailed | ProblemKind::RateLimited => None,
            _ if self.operation.is_write() && kind.spec().status.is_client_error() => {
                Some("refused")
            }
            _ => None,
        }
    }

    async fn write(
        &self,
        engine: &Engine,
        rates: &RateLimits,
        outcome: &'static str,
        kind: ProblemKind,
    ) {
        let Some(actor) = self.context.actor().cloned() else { return };
        let mut details = json!({"status": kind.spec().status.as_u16(), "code": kind.spec().code});
        let throttle = if outcome == "denied" { &rates.denials } else { &rates.refusals };
        let now = engine.clock().now();
        match throttle.admit(&actor.organisation_id, &actor.subject, now) {
            None => return,
            Some(0) => {}
            Some(left_out) => details["left_out"] = json!(left_out),
        }
        let (engine, action, target) = (engine.clone(), self.operation.id.as_str(), self.target);
        let work =
            async move { engine.record_refusal(&actor, action, target, outcome, details).await };
        let failure = match run_detached(work).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::error!(
            request_id = self.context.request_id(),
            action = self.operation.id,
            outcome,
            cause = failure,
            "a refusal is missing in the audit"
        );
    }
}
