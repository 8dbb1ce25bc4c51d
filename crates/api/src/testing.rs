//! What the tests of this crate share: a clock that is set by hand, a key, authentication without an engine.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use axum::{Extension, Router};
use domain::clock::{ManualClock, SystemIds};
use domain::{Clock, IdSource, OrganisationId};
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use jiff::SignedDuration;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::auth::development::DevelopmentKey;
use crate::auth::{ClaimRules, CredentialLookup, Identity, Role, Verifier};
use crate::limits::{Concurrency, Limits, RateLimits};
use crate::middleware::{self, Authenticator};
use crate::operation::{Declaration, Operation};

/// A clock that stands at noon.
pub fn clock() -> ManualClock {
    ManualClock::new("2026-06-15T12:00:00Z".parse().unwrap())
}

pub fn rules() -> ClaimRules {
    ClaimRules::new("https://issuer.example/", "safe-auth0")
}

pub fn identity() -> Identity {
    Identity {
        organisation_id: OrganisationId::parse("acme").unwrap(),
        subject: "user|1".into(),
        email: "ada@acme.example".into(),
    }
}

/// An authenticator, the stack around routes, and tokens that they accept.
pub struct Gate {
    pub authenticator: Authenticator,
    limits: Limits,
    pub clock: ManualClock,
    key: DevelopmentKey,
}

impl Gate {
    pub fn new(limits: &Limits) -> Self {
        let key = DevelopmentKey::generate().unwrap();
        let clock = clock();
        let verifier = Verifier::from_development_key(&key, rules());
        let tokens: CredentialLookup = Arc::new(|_, _| Box::pin(async { Ok(None) }));
        let authenticator = Authenticator {
            clock: Arc::new(clock.clone()),
            verifier,
            credentials: tokens,
            rates: Arc::new(RateLimits::new(&limits.rates)),
            concurrency: Arc::new(Concurrency::new(limits)),
        };
        Self { authenticator, limits: limits.clone(), clock, key }
    }

    /// These routes inside the stack.
    pub fn router(&self, routes: Router<Authenticator>) -> Router {
        let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
        middleware::apply(routes, &self.limits, &ids, &self.authenticator)
            .with_state(self.authenticator.clone())
    }

    pub fn token(&self, role: Role) -> String {
        let hour = SignedDuration::from_hours(1);
        self.key.sign(&identity(), role, &rules(), self.clock.now(), hour).unwrap()
    }
}

/// An operation, as the route table hands it over.
pub fn matched(declared: Declaration) -> Extension<&'static Operation> {
    let (id, path) = ("search".to_owned(), "/v1/search".to_owned());
    Extension(Box::leak(Box::new(Operation { id, method: Method::GET, path, declared })))
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status: parts.status, headers: parts.headers, json }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Asserts that this is a whole problem of this code.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.json["code"], code, "{self:?}");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["type"], format!("urn:safe-auth0:problem:{code}"));
        assert_eq!(self.json["request_id"].as_str(), self.header("x-request-id"));
        for member in ["title", "detail", "instance"] {
            assert!(self.json[member].is_string(), "{member}: {self:?}");
        }
        assert!(self.json["retryable"].is_boolean());
    }
}

/// Sends a request as a client does: with a host.
pub async fn send(router: &Router, mut request: Request<Body>) -> Answer {
    let host = HeaderValue::from_static("safe-auth0.example");
    request.headers_mut().entry(HOST).or_insert(host);
    Answer::read(router.clone().oneshot(request).await.unwrap()).await
}

/// Compares a generated file, or rewrites it with `UPDATE=1`.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not configuration")]
pub fn assert_golden(path: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "{path} is not up to date: run this test with UPDATE=1");
}
