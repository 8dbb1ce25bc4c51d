//! A complete response of the service.

use axum::body::{Body, Bytes};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

/// Status, headers and body.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body as text; empty when it is not UTF-8.
    pub text: String,
    /// The body as JSON; null when it is not.
    pub json: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("our own body can be read").to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap_or_default();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status: parts.status, headers: parts.headers, body, text, json }
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII headers"))
    }

    /// Asserts a status; shows the body when it is another.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "most callers only assert")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Asserts a problem document of this status and code.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "most callers only assert")]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json["code"], code, "{}", answer.text);
        assert_eq!(answer.json["status"], status);
        for member in ["type", "title", "detail", "instance", "request_id"] {
            assert!(answer.json[member].is_string(), "{member}: {}", answer.text);
        }
        assert!(answer.json["retryable"].is_boolean());
        assert_eq!(answer.json["request_id"], answer.header("x-request-id"));
        answer
    }

    /// (id, event, data) of each event of a stream that ended.
    pub fn events(&self) -> Vec<(u64, String, Value)> {
        let blocks = self.text.split("\n\n").filter(|block| block.contains("data:"));
        let event = |block: &str| {
            let field = |name: &str| {
                let line = block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
                line.unwrap_or_else(|| panic!("no {name} in {block}")).to_owned()
            };
            let data = serde_json::from_str(&field("data")).expect("data is JSON");
            (field("id").parse().expect("ids are numbers"), field("event"), data)
        };
        blocks.map(event).collect()
    }

    /// The places of the faults of a problem document, sorted.
    pub fn faults(&self) -> Vec<String> {
        let faults = self.json["errors"].as_array().into_iter().flatten();
        let mut places: Vec<String> = faults
            .map(|fault| {
                let place =
                    ["pointer", "parameter", "header"].iter().find_map(|k| fault[k].as_str());
                assert!(fault["detail"].is_string());
                place.expect("a fault has a place").to_owned()
            })
            .collect();
        places.sort();
        places
    }
}
