//! One log event and two metrics for each request. Never a query value, a header or a body.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use http::{Method, StatusCode};

use super::RequestContext;
use crate::limits::SUPPRESSED_TOTAL;
use crate::routes::UNCOUNTED_PATHS;

/// The histogram of request durations.
pub const DURATION_SECONDS: &str = "safe_auth0_http_request_duration_seconds";
const REQUESTS_TOTAL: &str = "safe_auth0_http_requests_total";
/// Upper bounds of the histogram's buckets, in seconds.
pub const DURATION_BUCKETS_S: [f64; 11] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
/// The route of a request that met none.
const UNMATCHED: &str = "unmatched";

/// Tells the recorder what the metrics mean.
pub fn describe_metrics() {
    metrics::describe_counter!(
        REQUESTS_TOTAL,
        "HTTP requests answered, by method, route and status."
    );
    metrics::describe_counter!(
        SUPPRESSED_TOTAL,
        "Denied requests that have no row in the audit because their caller had too many."
    );
    metrics::describe_histogram!(
        DURATION_SECONDS,
        metrics::Unit::Seconds,
        "Time to the head of the answer, by method and route."
    );
}

/// A request being answered. Dropped before its end, it logs that the client went away.
pub struct RequestLog {
    method: &'static str,
    route: String,
    context: RequestContext,
    started: Instant,
    has_ended: bool,
}

impl RequestLog {
    /// The route is the template, not the path: the path has ids, and clients can make up paths.
    pub fn start(request: &Request, context: RequestContext) -> Self {
        let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        Self {
            method: method_label(request.method()),
            route: matched.unwrap_or(UNMATCHED).to_owned(),
            context,
            started: Instant::now(),
            has_ended: false,
        }
    }

    /// Logs and counts the answer.
    pub fn end(mut self, status: StatusCode) {
        self.has_ended = true;
        let elapsed = self.started.elapsed();
        let status = status.as_u16();
        metrics::counter!(REQUESTS_TOTAL, "method" => self.method, "route" => self.route.clone(), "status" => status.to_string())
            .increment(1);
        metrics::histogram!(DURATION_SECONDS, "method" => self.method, "route" => self.route.clone())
            .record(elapsed.as_secs_f64());
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let organisation = self.context.organisation().map(domain::OrganisationId::as_str);
        // Probes come every few seconds and say nothing while they succeed.
        if UNCOUNTED_PATHS.contains(&self.route.as_str()) && status < 400 {
            tracing::debug!(target: "access", method = self.method, route = self.route, status,
                duration_ms, request_id = self.context.request_id(), "request answered");
        } else {
            tracing::info!(target: "access", method = self.method, route = self.route, status,
                duration_ms, request_id = self.context.request_id(), organisation, "request answered");
        }
    }
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        if !self.has_ended {
            tracing::info!(target: "access", method = self.method, route = self.route,
                request_id = self.context.request_id(), "request abandoned by its client");
        }
    }
}

/// Clients can invent methods; a label has few values.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
