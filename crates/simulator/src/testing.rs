//! For unit tests: a tenant without a socket, with a manual clock.

use crate::dispatch::dispatch;
use crate::state::State;
use crate::tenant_file::TenantFile;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub(crate) struct Tenant {
    pub state: Arc<State>,
    now: Arc<Mutex<Timestamp>>,
}

pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

impl Tenant {
    /// A bundled tenant without rate limits.
    pub fn bundled(name: &str) -> Self {
        let mut file = TenantFile::bundled(name).unwrap();
        file.bucket = crate::plan::Limit::Unlimited;
        file.token_bucket = crate::plan::Limit::Unlimited;
        Self::at(file, "http://tenant.test")
    }

    pub fn at(file: TenantFile, origin: &str) -> Self {
        let now = Arc::new(Mutex::new("2026-03-10T12:30:00Z".parse().unwrap()));
        let clock = Arc::clone(&now);
        let state = State::new(origin.to_owned(), file, Arc::new(move || *clock.lock().unwrap()));
        Self { state: Arc::new(state), now }
    }

    pub fn advance(&self, span: jiff::SignedDuration) {
        *self.now.lock().unwrap() += span;
    }

    pub async fn try_send(&self, request: Request<Body>) -> Option<Answer> {
        let response = dispatch(Arc::clone(&self.state), request).await.ok()?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Some(Answer { status: parts.status, headers: parts.headers, bytes })
    }

    pub async fn send(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        let bytes = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(bytes))
            .unwrap();
        self.try_send(request).await.unwrap()
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", &format!("/api/v2/{path}"), token, Value::Null).await
    }

    /// A token request of the first application with changed members; null removes a member.
    pub async fn ask_token(&self, changes: Value) -> Answer {
        let application = self.state.file().applications[0].clone();
        let mut body = json!({
            "grant_type": "client_credentials",
            "client_id": application.client_id,
            "client_secret": application.client_secret,
            "audience": self.state.audience(),
        });
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                body.as_object_mut().unwrap().remove(name);
            } else {
                body[name] = value.clone();
            }
        }
        self.send("POST", "/oauth/token", "", body).await
    }

    pub async fn token(&self) -> String {
        let answer = self.ask_token(json!({})).await.json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A token with additional scopes.
    pub async fn token_with(&self, scopes: &[&str]) -> String {
        let more = scopes.iter().map(|scope| (*scope).to_owned());
        self.state.file().applications[0].scopes.get_or_insert_default().extend(more);
        self.token().await
    }
}
