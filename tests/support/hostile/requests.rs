//! Requests to the whole router without a database.

use std::fmt::Write;
use std::sync::OnceLock;

use axum::body::Body;
use http::{Method, Request};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::runtime::Runtime;

use crate::{Answer, App, ORGANISATION};

/// No port of a database: connecting is refused at once.
const NOBODY: u16 = 1;

struct Edge {
    runtime: Runtime,
    app: App,
}

fn edge() -> &'static Edge {
    static EDGE: OnceLock<Edge> = OnceLock::new();
    EDGE.get_or_init(|| {
        let runtime = Runtime::new().expect("a runtime");
        let app = runtime.block_on(async {
            let nowhere = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(NOBODY);
            let pool = PgPoolOptions::new()
                .acquire_timeout(std::time::Duration::from_millis(5))
                .connect_lazy_with(nowhere);
            App::builder(pool).start().await
        });
        Edge { runtime, app }
    })
}

fn send(request: Request<Body>) -> Answer {
    let edge = edge();
    edge.runtime.block_on(edge.app.send(request))
}

/// Largest refusal, in bytes: fifty faults with names that are cut.
const REFUSAL_MAX: usize = 64 * 1024;

fn is_sound(answer: &Answer, what: &str) {
    let status = answer.status.as_u16();
    assert!(status != 500, "{what}: {:#}", answer.json);
    if status >= 400 {
        assert!(answer.text.len() < REFUSAL_MAX, "{what}: {} bytes", answer.text.len());
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        // An answer to HEAD has no body (RFC 9110 section 9.3.2).
        if what.starts_with("HEAD ") {
            return;
        }
        assert_eq!(answer.json["status"], status, "{what}");
        assert!(answer.json["code"].is_string(), "{what}");
    }
}

/// Whatever is said as a cursor is a position of this list (then the database is asked), malformed, or
/// of another list.
pub fn cursor(bytes: &[u8]) {
    let mut cursor = String::new();
    for byte in bytes {
        write!(cursor, "%{byte:02X}").expect("writing to a string succeeds");
    }
    let path = format!("/v1/findings?cursor={cursor}");
    let request = Request::get(path).header("authorization", bearer());
    let answer = send(request.body(Body::empty()).expect("a well-formed request"));
    is_sound(&answer, "a cursor");
    let expected: &[u16] = if bytes.is_empty() { &[400, 422, 503] } else { &[400, 422] };
    assert!(expected.contains(&answer.status.as_u16()), "{bytes:?}: {:#}", answer.json);
}

/// Any request is answered; refusals are problem documents, and nothing is a fault of ours. The first
/// line is method and target, lines up to an empty one are headers, the rest is the body.
pub fn request(bytes: &[u8]) {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let Some(first) = lines.next().and_then(|line| std::str::from_utf8(line).ok()) else { return };
    let (method, target) = first.split_once(' ').unwrap_or(("GET", first));
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    // Pages are HTML, styles and pictures, not JSON documents.
    if target.starts_with("/docs") || target.split('?').next() == Some("/") {
        return;
    }
    let mut request = Request::builder().method(method).uri(target);
    request = request.header("authorization", bearer());
    for line in lines.take(20) {
        if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            request = request.header(&line[..colon], line[colon + 1..].trim_ascii());
        }
    }
    let Ok(request) = request.body(Body::from(body.to_vec())) else { return };
    is_sound(&send(request), first);
}

fn bearer() -> String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| format!("Bearer {}", edge().app.token(ORGANISATION, "admin"))).clone()
}
