//! One log event and two metrics for each request. Never a query value, a header or a body.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use tracing::Span;

use super::RequestContext;
use super::traceparent::Traceparent;
use crate::limits::SUPPRESSED_TOTAL;
use crate::operation::Operation;

/// The histogram of request durations.
pub const DURATION_SECONDS: &str = "safe_auth0_http_request_duration_seconds";
const REQUESTS_TOTAL: &str = "safe_auth0_http_requests_total";
/// Upper bounds of the histogram's buckets, in seconds.
pub const DURATION_BUCKETS_S: [f64; 11] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
/// The route of a request to an unknown path.
const UNMATCHED: &str = "unmatched";

/// Describes the metrics to the recorder.
pub fn describe_metrics() {
    metrics::describe_counter!(
        REQUESTS_TOTAL,
        "HTTP requests answered, by method, route and status."
    );
    metrics::describe_counter!(
        SUPPRESSED_TOTAL,
        "Denied and refused requests that have no row in the audit because their caller had too many."
    );
    metrics::describe_histogram!(
        DURATION_SECONDS,
        metrics::Unit::Seconds,
        "Time to the head of the answer, by method and route."
    );
}

/// The span of a request and of its bodies.
pub fn span(request: &Request) -> Span {
    let context = request.extensions().get::<RequestContext>();
    let trace = Traceparent::from_headers(request.headers());
    tracing::info_span!(
        "request",
        request_id = context.map(RequestContext::request_id),
        own_request_id = context.and_then(RequestContext::own_request_id),
        trace_id = trace.as_ref().map(|t| t.trace_id.as_str()),
        parent_id = trace.as_ref().map(|t| t.parent_id.as_str()),
    )
}

/// Adds the context to the response, for `log_response`.
pub async fn keep_context(context: RequestContext, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(context);
    response
}

/// Logs and counts a response. The route is the template, not the path: the path has ids, and clients can make up paths.
pub fn log_response<B>(response: &http::Response<B>, latency: Duration, _: &Span) {
    let Some(context) = response.extensions().get::<RequestContext>() else { return };
    let (method, route) = (method_label(context.method()), context.route().unwrap_or(UNMATCHED));
    let status = response.status().as_u16();
    metrics::counter!(REQUESTS_TOTAL, "method" => method, "route" => route.to_owned(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(DURATION_SECONDS, "method" => method, "route" => route.to_owned())
        .record(latency.as_secs_f64());
    let duration_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    let Caller { organisation, subject, source } = Caller::from_context(context);
    // Probes arrive every few seconds; successful ones are not worth a log line.
    if context.operation().is_some_and(Operation::is_public) && status < 400 {
        tracing::debug!(target: "access", method, route, status, duration_ms,
            request_id = context.request_id(), "request answered");
    } else {
        tracing::info!(target: "access", method, route, status, duration_ms,
            request_id = context.request_id(), own_request_id = context.own_request_id(),
            organisation, subject, source, "request answered");
    }
}

/// Who sent a request, as far as it is known.
struct Caller<'a> {
    organisation: Option<&'a str>,
    subject: Option<&'a str>,
    /// Address of the client.
    source: Option<String>,
}

impl<'a> Caller<'a> {
    fn from_context(context: &'a RequestContext) -> Self {
        Self {
            organisation: context.organisation().map(domain::OrganisationId::as_str),
            subject: context.actor().map(|actor| actor.subject.as_str()),
            source: context.client_address().map(|address| address.to_string()),
        }
    }
}

/// Logs a request whose client disconnects before the response.
pub fn log_abandoned(request: &Request) -> impl FnOnce() + Send + use<> {
    let context = request.extensions().get::<RequestContext>().cloned();
    let span = Span::current();
    move || {
        let Some(context) = context else { return };
        let (method, route) = (method_label(context.method()), context.route());
        let Caller { organisation, subject, source } = Caller::from_context(&context);
        span.in_scope(|| {
            tracing::info!(target: "access", method, route = route.unwrap_or(UNMATCHED),
                request_id = context.request_id(), own_request_id = context.own_request_id(),
                organisation, subject, source, "request abandoned by its client");
        });
    }
}

/// Maps unknown methods to one value: clients can invent methods, and a metric has few labels.
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use futures_util::FutureExt as _;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::fmt::MakeWriter;

    use crate::limits::Limits;
    use crate::testing::{Gate, send};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[tokio::test]
    async fn a_request_is_logged_once_whether_it_is_answered_or_abandoned() {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt().json().with_writer(lines.clone()).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let routes = Router::new()
            .route("/bare/{id}", get(async || http::StatusCode::INTERNAL_SERVER_ERROR))
            .route("/slow", get(std::future::pending::<()>));
        let app = Gate::new(&Limits::default()).router(routes);
        let request = |path: &str| {
            let request =
                http::Request::get(path).header("x-request-id", path[..5].replace('/', "_"));
            request.body(Body::empty()).unwrap()
        };
        send(&app, request("/bare/7?secret=1")).await;
        assert!(send(&app, request("/slow")).now_or_never().is_none());
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let access: Vec<&str> = log.lines().filter(|line| line.contains(r#""access""#)).collect();
        assert_eq!(access.len(), 2, "{log}");
        for (line, parts) in access.into_iter().zip([
            [
                r#""route":"/bare/{id}""#,
                r#""status":500"#,
                r#""request_id":"_bare""#,
                r#""own_request_id":""#,
            ],
            [
                r#""route":"/slow""#,
                "request abandoned by its client",
                r#""request_id":"_slow""#,
                r#""own_request_id":""#,
            ],
        ]) {
            assert!(parts.iter().all(|part| line.contains(part)), "{parts:?}: {line}");
        }
    }
}
