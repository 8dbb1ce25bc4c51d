//! The lifecycle of an integration over HTTP, including failures.

use http::Method;
use serde_json::{Value, json};

use super::markers::{BAD_BEARER, MISPLACED, NEXT, RIGHT, WRONG};
use crate::support::{Process, Site};

pub struct Walked {
    /// Name and contents of each response, including headers.
    pub answers: Vec<(String, Vec<u8>)>,
    /// Secrets that one response contains, and nothing else may.
    pub shown_once: Vec<String>,
}

struct Walk<'a> {
    client: reqwest::Client,
    address: &'a str,
    token: String,
    /// Set for the reads: an error response would prove nothing.
    must_succeed: bool,
    walked: Walked,
}

pub async fn run(site: &Site, service: &Process) -> Walked {
    let mut walk = Walk {
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
        address: &service.address,
        token: site.token("acme"),
        must_succeed: false,
        walked: Walked { answers: Vec::new(), shown_once: Vec::new() },
    };
    send_invalid_requests(&mut walk, site).await;
    let id = save_and_sync(&mut walk, site).await;
    sync_with_faults(&mut walk, site, &id).await;
    credentials(&mut walk).await;
    read_back(&mut walk, &id).await;
    walk.walked
}

/// Requests that are rejected, with secrets in them.
async fn send_invalid_requests(walk: &mut Walk<'_>, site: &Site) {
    let form = |changes: Value| {
        let mut form = site.form(0);
        form.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        form
    };
    walk.post("/v1/connection-tests", &form(json!({"client_secret": WRONG}))).await;
    walk.post("/v1/integrations", &form(json!({"client_secret": WRONG}))).await;
    walk.post("/v1/integrations", &form(json!({"client_secrets": MISPLACED, "name": 7}))).await;
    walk.post("/v1/integrations", &form(json!({"client_secret": {"value": MISPLACED}}))).await;
    walk.post("/v1/integrations", &form(json!({"auto_sync_frequency": {"every": MISPLACED}})))
        .await;
    let outside = json!({"api_identifier": format!("https://user:{MISPLACED}@acme.auth0.com/")});
    walk.post("/v1/integrations", &form(outside)).await;
    let form = form(json!({})).to_string();
    let broken =
        [form[..form.len() - 1].to_owned(), form.replace("\":", "\" "), format!("{form}{form}")];
    for body in broken {
        walk.raw(Method::POST, "/v1/integrations", &[], body).await;
    }
    walk.get(&format!("/v1/integrations?client_secret={MISPLACED}")).await;
    walk.get(&format!("/v1/findings?q={MISPLACED}&cursor={MISPLACED}")).await;
    // The response repeats the path as `instance`, so it is not searched.
    walk.silent(Method::GET, &format!("/v1/{MISPLACED}"), &[], String::new()).await;
    walk.raw(
        Method::GET,
        "/v1/assets",
        &[("authorization", &format!("Bearer {BAD_BEARER}"))],
        String::new(),
    )
    .await;
    walk.raw(
        Method::GET,
        "/v1/assets",
        &[("cookie", MISPLACED), ("x-api-key", MISPLACED)],
        String::new(),
    )
    .await;
}

/// Saves, tests, edits and syncs an integration.
async fn save_and_sync(walk: &mut Walk<'_>, site: &Site) -> String {
    let key = [("idempotency-key", "once")];
    let body = site.form(0).to_string();
    let first = walk.raw(Method::POST, "/v1/integrations", &key, body.clone()).await;
    let id = first["id"].as_str().unwrap_or_else(|| panic!("{first:#}")).to_owned();
    walk.raw(Method::POST, "/v1/integrations", &key, body).await;
    let at = format!("/v1/integrations/{id}");
    walk.post(&format!("{at}/connection-tests"), &json!({})).await;
    walk.post(&format!("{at}/connection-tests"), &json!({"client_secret": WRONG})).await;
    walk.raw(Method::PATCH, &at, &[], json!({"client_secret": WRONG}).to_string()).await;
    walk.raw(Method::PATCH, &at, &[], json!({"client_secret": RIGHT, "name": "again"}).to_string())
        .await;
    walk.raw(
        Method::PUT,
        &format!("{at}/next-secret"),
        &[],
        json!({"client_secret": NEXT}).to_string(),
    )
    .await;
    walk.sync(&id).await;
    walk.post("/v1/integrations", &site.form(1)).await;
    id
}

/// Connection tests and a sync while the tenant repeats secrets in its responses or responds with garbage.
async fn sync_with_faults(walk: &mut Walk<'_>, site: &Site, id: &str) {
    let tenant = &site.tenants[0];
    let echo = json!({"error": "server_error", "error_description": format!("secret {WRONG} token {RIGHT}")});
    for effect in [
        json!({"status": {"code": 500, "headers": {"x-echo": RIGHT}, "body": echo.to_string(), "content_type": "application/json"}}),
        json!("html502"),
        json!("malformed_json"),
        json!({"redirect": {"to": format!("https://acme.auth0.com/?secret={RIGHT}")}}),
    ] {
        let fault = json!({"on": "everything", "effect": effect});
        tenant.fault(serde_json::from_value(fault).unwrap());
        walk.post(&format!("/v1/integrations/{id}/connection-tests"), &json!({})).await;
        tenant.clear_faults();
    }
    walk.sync(id).await;
}

/// API credentials and their tokens are shown once.
async fn credentials(walk: &mut Walk<'_>) {
    let body = json!({"name": "pipeline", "role": "viewer"}).to_string();
    let created = walk.silent(Method::POST, "/v1/api-credentials", &[], body).await;
    let (id, secret) = (created["id"].as_str().unwrap(), created["secret"].as_str().unwrap());
    walk.walked.shown_once.push(secret.to_owned());
    for password in [secret, WRONG] {
        use base64::Engine as _;
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{password}"));
        let header = format!("Basic {basic}");
        let headers = [
            ("authorization", header.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = "grant_type=client_credentials".to_owned();
        let token = walk.silent(Method::POST, "/v1/token", &headers, body).await;
        if let Some(token) = token["access_token"].as_str() {
            walk.walked.shown_once.push(token.to_owned());
            let header = format!("Bearer {token}");
            walk.raw(Method::GET, "/v1/findings", &[("authorization", &header)], String::new())
                .await;
        }
    }
    walk.get("/v1/api-credentials").await;
    walk.raw(Method::DELETE, &format!("/v1/api-credentials/{id}"), &[], String::new()).await;
}

/// Reads everything.
async fn read_back(walk: &mut Walk<'_>, id: &str) {
    walk.must_succeed = true;
    for path in [
        "/v1/integrations",
        "/v1/findings?limit=200",
        "/v1/assets",
        "/v1/policy",
        "/v1/audit?limit=200",
        "/v1/audit/verify",
        "/v1/findings/export?format=csv",
        "/v1/findings/export?format=jsonl",
        "/v1/findings/export?format=ocsf",
        "/v1/findings/export?format=signal",
        "/metrics",
        "/openapi.json",
    ] {
        walk.get(path).await;
    }
    let at = format!("/v1/integrations/{id}");
    let history = walk.get(&format!("{at}/history?limit=200")).await;
    for entry in history["items"].as_array().unwrap() {
        walk.get(&format!("/v1/history/{}", entry["id"].as_str().unwrap())).await;
    }
    walk.get(&at).await;
    walk.get(&format!("{at}/coverage")).await;
    let assets = walk.get("/v1/assets").await;
    for asset in assets["items"].as_array().unwrap() {
        let asset = format!("/v1/assets/{}", asset["id"].as_str().unwrap());
        for path in [asset.clone(), format!("{asset}/drift"), format!("{asset}/score-history")] {
            walk.get(&path).await;
        }
    }
    walk.post("/v1/policy/preview", &json!({"thresholds": {}, "severities": {}})).await;
    let findings = walk.get(&format!("/v1/findings?integration_id={id}&limit=200")).await;
    for finding in findings["items"].as_array().unwrap().iter().take(20) {
        walk.get(&format!("/v1/findings/{}", finding["id"].as_str().unwrap())).await;
    }
    walk.raw(Method::DELETE, &at, &[], String::new()).await;
}

impl Walk<'_> {
    async fn get(&mut self, path: &str) -> Value {
        self.raw(Method::GET, path, &[], String::new()).await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Value {
        self.raw(Method::POST, path, &[], body.to_string()).await
    }

    async fn sync(&mut self, id: &str) -> Value {
        let path = format!("/v1/integrations/{id}/syncs");
        let sync = self.raw(Method::POST, &path, &[("prefer", "wait=60")], String::new()).await;
        assert!(sync["finished_at"].is_string(), "{sync:#}");
        self.get(&format!("/v1/syncs/{}", sync["id"].as_str().unwrap())).await
    }

    /// Sends a request and records the response for the search.
    async fn raw(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Value {
        let (head, text) = self.send(&method, path, headers, body).await;
        let answer = format!("{head}\n{text}");
        self.walked.answers.push((format!("the answer to {method} {path}"), answer.into_bytes()));
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Sends a request without recording the response, which may contain a secret.
    async fn silent(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Value {
        serde_json::from_str(&self.send(&method, path, headers, body).await.1).unwrap_or_default()
    }

    async fn send(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (String, String) {
        let mut request =
            self.client.request(method.clone(), format!("http://{}{path}", self.address));
        let has = |name: &str| headers.iter().any(|(given, _)| *given == name);
        if !has("authorization") {
            request = request.bearer_auth(&self.token);
        }
        if !body.is_empty() && !has("content-type") {
            request = request.header("content-type", "application/json");
        }
        if matches!(*method, Method::PATCH | Method::PUT | Method::DELETE) {
            request = request.header("if-match", "*");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await.unwrap();
        let head = format!("{} {:?}", response.status(), response.headers());
        assert!(!self.must_succeed || response.status().is_success(), "{method} {path}: {head}");
        (head, response.text().await.unwrap())
    }
}
