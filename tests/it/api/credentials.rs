//! API credentials, from their creation to calls with their tokens.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request};
use serde_json::{Value, json};
use std::time::Duration;
use support::{Answer, App};

pub const PATH: &str = "/v1/api-credentials";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub const HOUR: Duration = Duration::from_secs(3600);

/// A credential as its creator received it.
pub struct Made {
    pub id: String,
    pub secret: String,
}

impl Made {
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }

    pub fn with_secret(&self, secret: &str) -> Self {
        Self { id: self.id.clone(), secret: secret.to_owned() }
    }
}

pub async fn create(app: &App, role: &str) -> Made {
    create_from(app, &json!({"name": format!("Nightly {role}"), "role": role})).await
}

async fn create_from(app: &App, body: &Value) -> Made {
    let made = app.post(PATH, body).await.expect(201);
    let text = |member: &str| made.json[member].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("{PATH}/{}", text("id")));
    Made { id: text("id"), secret: text("secret") }
}

async fn ask(app: &App, made: &Made, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method("POST").uri("/v1/token");
    request = request.header("authorization", made.basic());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

pub async fn token_of(app: &App, made: &Made) -> String {
    let issued = ask(app, made, &[FORM], "grant_type=client_credentials").await.expect(200);
    issued.json["access_token"].as_str().unwrap().to_owned()
}

async fn get_as(app: &App, token: &str, path: &str) -> Answer {
    app.call_as(token, Method::GET, path, &[], None).await
}

/// Action, outcome and details of the audit, in order, of what is about credentials.
pub async fn audit(app: &App) -> Vec<(String, String, Value)> {
    app.engine.flush_audits().await;
    let sql = "select action, outcome, details from audit_events
        where action like '%token' or action like '%credential' order by sequence";
    sqlx::query_as(sql).fetch_all(app.pool()).await.unwrap()
}

pub fn outcomes(rows: &[(String, String, Value)]) -> Vec<(&str, &str)> {
    rows.iter().map(|(action, outcome, _)| (action.as_str(), outcome.as_str())).collect()
}

#[support::test]
async fn a_program_gets_a_token_and_calls_with_it(app: App) {
    let made = create(&app, "admin").await;
    assert!(made.secret.starts_with("sac_"));
    let issued = ask(&app, &made, &[FORM], "grant_type=client_credentials").await.expect(200);
    assert_eq!(issued.header("cache-control"), "no-store");
    assert_eq!(issued.header("pragma"), "no-cache");
    assert_eq!(issued.json["token_type"], "Bearer");
    assert_eq!(issued.json["expires_in"], 3600);
    let token = issued.json["access_token"].as_str().unwrap();

    let saved = app.call_as(token, Method::POST, "/v1/integrations", &[], Some(&app.form())).await;
    let id = saved.expect(201).json["id"].as_str().unwrap().to_owned();
    let history = app.get(&format!("/v1/integrations/{id}/history")).await.expect(200);
    assert_eq!(history.json["items"][0]["started_by"], "Nightly admin (API credential)");
    let sql = "select actor_subject from audit_events where action = 'create_integration'";
    let subject: String = sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap();
    assert_eq!(subject, format!("credential:{}", made.id));

    let empty = ask(&app, &made, &[], "").await.expect(200);
    assert_ne!(empty.json["access_token"], token);
    app.clock.advance(HOUR);
    let expired = get_as(&app, token, "/v1/integrations").await;
    expired.expect_problem(401, "unauthenticated");
}

#[support::test]
async fn all_login_failures_get_the_same_401_and_are_audited(app: App) {
    let made = create(&app, "viewer").await;
    let revoked = create(&app, "viewer").await;
    app.delete(&format!("{PATH}/{}", revoked.id)).await.expect(204);
    let soon = (app.now() + jiff::SignedDuration::from_secs(60)).to_string();
    let short = create_from(&app, &json!({"name": "short", "expires_at": soon})).await;
    let cut = ask(&app, &short, &[], "").await.expect(200);
    assert_eq!(cut.json["expires_in"], 60);
    app.clock.advance(Duration::from_secs(60));
    let unknown =
        Made { id: "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02".into(), secret: made.secret.clone() };
    let no_id = Made { id: "ada@acme.example".into(), secret: made.secret.clone() };
    let mut bodies = Vec::new();
    for wrong in
        [made.with_secret("sac_wrong"), made.with_secret(""), revoked, short, unknown, no_id]
    {
        let answer = ask(&app, &wrong, &[], "").await.expect_problem(401, "unauthenticated");
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Basic realm="safe-auth0", charset="UTF-8""#
        );
        let mut body = answer.json;
        body["request_id"] = Value::Null;
        bodies.push(body);
        app.engine.flush_audits().await;
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    let rows = audit(&app).await;
    let reasons: Vec<_> = rows.iter().filter_map(|(_, _, d)| d["reason"].as_str()).collect();
    assert_eq!(reasons, ["wrong_secret", "wrong_secret", "revoked", "expired"]);
    assert_eq!(
        outcomes(&rows)[..5],
        [
            ("create_api_credential", "done"),
            ("create_api_credential", "done"),
            ("revoke_api_credential", "done"),
            ("create_api_credential", "done"),
            ("create_token", "done"),
        ]
    );
    assert!(!format!("{rows:?}").contains(&made.secret));
}

#[support::test]
async fn revoking_ends_tokens_at_once_and_may_be_repeated(app: App) {
    let made = create(&app, "viewer").await;
    let token = token_of(&app, &made).await;
    get_as(&app, &token, "/v1/integrations").await.expect(200);
    let path = format!("{PATH}/{}", made.id);
    app.delete(&path).await.expect(204);
    let refused = get_as(&app, &token, "/v1/integrations").await;
    let refused = refused.expect_problem(401, "unauthenticated");
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    app.delete(&path).await.expect(204);
    assert_eq!(audit(&app).await.iter().filter(|row| row.0 == "revoke_api_credential").count(), 1);
    let read = app.get(&path).await.expect(200).json;
    assert!(read["revoked_at"].is_string());
    let other = app.token("globex", "admin");
    for method in [Method::GET, Method::DELETE] {
        app.call_as(&other, method, &path, &[], None).await.expect_problem(404, "not_found");
    }
}

#[support::test]
async fn the_secret_is_only_in_the_first_response(app: App) {
    let made = create(&app, "admin").await;
    let token = token_of(&app, &made).await;
    let one = app.get(&format!("{PATH}/{}", made.id)).await.expect(200);
    let list = app.get(PATH).await.expect(200);
    assert_eq!(list.json["items"], json!([one.json]));
    let mut members: Vec<_> = one.json.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let expected = [
        "created_at",
        "created_by",
        "expires_at",
        "id",
        "last_used_at",
        "name",
        "revoked_at",
        "role",
    ];
    assert_eq!(members, expected);
    assert_eq!(one.json["created_by"], "admin@acme.example");
    assert_eq!(one.json["last_used_at"], domain::clock::rfc3339(app.now()));
    for table in ["api_credentials", "api_tokens", "audit_events", "idempotency_keys"] {
        let sql = sqlx::AssertSqlSafe(format!("select row_to_json(t)::text from {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(app.pool()).await.unwrap();
        // Not even a part of it.
        for hidden in [&made.secret[4..24], &token[4..24]] {
            let hex = hex::encode(hidden);
            assert!(!rows.iter().any(|row| row.contains(hidden) || row.contains(&hex)), "{table}");
        }
    }
}

#[support::test]
async fn ten_failed_logins_lock_out_for_fifteen_minutes(app: App) {
    let (made, used) = (create(&app, "viewer").await, create(&app, "viewer").await);
    let token = token_of(&app, &used).await;
    let unknown =
        Made { id: "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02".into(), secret: "sac_guess".into() };
    for guess in [made.with_secret("sac_guess"), used.with_secret("sac_guess"), unknown] {
        for _ in 0..10 {
            ask(&app, &guess, &[], "").await.expect_problem(401, "unauthenticated");
        }
        let stopped = ask(&app, &guess, &[], "").await.expect_problem(429, "rate_limited");
        assert_eq!(stopped.header("retry-after"), "901");
    }
    ask(&app, &made, &[], "").await.expect_problem(429, "rate_limited");
    // A secret that was verified within a day is not a guess.
    ask(&app, &used, &[], "").await.expect(200);
    get_as(&app, &token, "/v1/integrations").await.expect(200);
    app.clock.advance(Duration::from_secs(15 * 60));
    ask(&app, &made, &[], "").await.expect(200);
}

#[support::test]
async fn token_requests_are_validated_like_any_other(app: App) {
    let made = create(&app, "viewer").await;
    let key = ("idempotency-key", "k");
    let json = ("content-type", "application/json");
    let refused = ask(&app, &made, &[FORM, key], "grant_type=password").await;
    let faults = refused.expect_problem(422, "validation_failed").faults();
    assert_eq!(faults, ["/grant_type", "idempotency-key"]);
    ask(&app, &made, &[json], "{}").await.expect_problem(415, "unsupported_media_type");
    for odd in ["grant_type=client_credentials%", "grant_type=%ff", "%zz"] {
        let refused = ask(&app, &made, &[FORM], odd).await;
        assert_eq!(refused.expect_problem(400, "malformed_request").faults(), [""], "{odd}");
    }
    let members = |count: usize| {
        let others = (1..count).map(|n| format!("x{n}="));
        let all: Vec<_> = others.chain(["grant_type=client_credentials".to_owned()]).collect();
        all.join("&")
    };
    ask(&app, &made, &[FORM], &members(100)).await.expect(200);
    let refused = ask(&app, &made, &[FORM], &members(101)).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), [""]);
    let huge = "x".repeat(70_000);
    ask(&app, &made, &[FORM], &huge).await.expect_problem(413, "payload_too_large");
    let encoded = Made { id: made.id.replace('-', "%2D"), secret: made.secret.replace('_', "%5F") };
    ask(&app, &encoded, &[FORM], "scope=read&grant_type=client_credentials").await.expect(200);
    let body = json!({"name": "x"});
    let refused = app.call(Method::POST, PATH, &[key], Some(&body)).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), ["idempotency-key"]);
    let refused = app.post(PATH, &json!({"name": "", "role": "owner", "secret": "x"})).await;
    let faults = refused.expect_problem(422, "validation_failed").faults();
    assert_eq!(faults, ["/name", "/role", "/secret"]);
}

#[support::test]
async fn a_credential_cannot_create_one_that_outlives_it(app: App) {
    let end = domain::clock::rfc3339(app.now() + jiff::SignedDuration::from_hours(24));
    let made =
        create_from(&app, &json!({"name": "parent", "role": "admin", "expires_at": end})).await;
    let token = token_of(&app, &made).await;
    let make = async |body: Value| app.call_as(&token, Method::POST, PATH, &[], Some(&body)).await;
    let child = make(json!({"name": "child"})).await.expect(201);
    assert_eq!(child.json["expires_at"], end);
    assert_eq!(child.json["created_by"], "parent (API credential)");
    let later = (app.now() + jiff::SignedDuration::from_hours(25)).to_string();
    let refused = make(json!({"name": "child", "expires_at": later})).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), ["/expires_at"]);
}
