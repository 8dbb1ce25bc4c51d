//! Rules of all requests: problem documents, ids, preconditions, pages, idempotency.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{Answer, App, ORGANISATION};

async fn raw(app: &App, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    request =
        request.header("authorization", format!("Bearer {}", app.token(ORGANISATION, "admin")));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[support::test]
async fn every_refusal_is_a_problem_document(app: App) {
    let form = app.form().to_string();
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(2_000_000));
    let id = domain::IdSource::next(&domain::clock::SystemIds);
    for (method, path, headers, body, status, code) in [
        ("GET", "/nowhere".to_owned(), vec![], "", 404, "not_found"),
        ("GET", "/v1/nowhere".to_owned(), vec![], "", 404, "not_found"),
        ("PUT", "/v1/integrations".to_owned(), vec![JSON], "{}", 405, "method_not_allowed"),
        ("POST", "/v1/integrations".to_owned(), vec![], &form, 415, "unsupported_media_type"),
        (
            "POST",
            "/v1/integrations".to_owned(),
            vec![("content-type", "text/plain")],
            &form,
            415,
            "unsupported_media_type",
        ),
        ("POST", "/v1/integrations".to_owned(), vec![JSON], "{", 400, "malformed_request"),
        ("POST", "/v1/integrations".to_owned(), vec![JSON], "", 400, "malformed_request"),
        ("POST", "/v1/integrations".to_owned(), vec![JSON], "[]", 422, "validation_failed"),
        ("POST", "/v1/integrations".to_owned(), vec![JSON], &huge, 413, "payload_too_large"),
        ("GET", format!("/v1/integrations/{id}"), vec![], "", 404, "not_found"),
        ("GET", "/v1/integrations/not-a-uuid".to_owned(), vec![], "", 404, "not_found"),
        ("GET", "/v1/checks/no-such-check".to_owned(), vec![], "", 404, "not_found"),
        ("GET", "/v1/findings?limit=0".to_owned(), vec![], "", 422, "validation_failed"),
        ("GET", "/v1/findings?limit=x".to_owned(), vec![], "", 422, "validation_failed"),
        ("GET", "/v1/findings?colour=red".to_owned(), vec![], "", 422, "validation_failed"),
        ("GET", "/v1/findings?cursor=%21%21".to_owned(), vec![], "", 400, "malformed_request"),
        ("GET", "/v1/findings?q=%zz".to_owned(), vec![], "", 400, "malformed_request"),
        ("GET", "/v1/audit?actor=%".to_owned(), vec![], "", 400, "malformed_request"),
        ("GET", "/v1/checks/%zz".to_owned(), vec![], "", 400, "malformed_request"),
        ("DELETE", "/v1/integrations/%4".to_owned(), vec![], "", 400, "malformed_request"),
    ] {
        let answer = raw(&app, method, &path, &headers, body).await;
        println!("{method} {path}");
        answer.expect_problem(status, code);
    }
    let named = raw(&app, "GET", "/v1/findings?limit=1&q=a%zz&%f=1", &[], "").await;
    assert_eq!(named.expect_problem(400, "malformed_request").faults(), ["%f", "q"]);
    let named = raw(&app, "GET", "/v1/checks/a%", &[], "").await;
    assert_eq!(named.expect_problem(400, "malformed_request").faults(), ["check_id"]);
    let allow = raw(&app, "PUT", "/v1/integrations", &[], "").await;
    assert!(allow.header("allow").contains("POST"), "{}", allow.header("allow"));
}

#[support::test]
async fn all_faults_of_a_request_come_at_once(app: App) {
    let body = json!({"api_identifier": "http://x", "enabled": 1, "auto_sync_frequency": "often"});
    let answer =
        app.post("/v1/connection-tests", &body).await.expect_problem(422, "validation_failed");
    assert_eq!(
        answer.faults(),
        [
            "/api_audience",
            "/api_identifier",
            "/auto_sync_frequency",
            "/client_id",
            "/client_secret",
            "/enabled"
        ]
    );
    let answer = app
        .get("/v1/findings?limit=0&severity=terrible&sort=colour&state=gone&asset_id=x&x=1")
        .await;
    let answer = answer.expect_problem(422, "validation_failed");
    assert_eq!(answer.faults(), ["asset_id", "limit", "severity", "sort", "state", "x"]);
}

#[support::test]
async fn authentication_comes_before_validation(app: App) {
    let send = |token: Option<String>| {
        let mut request = Request::builder().method("POST").uri("/v1/integrations");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        app.send(request.body(Body::from("{")).unwrap())
    };
    for token in
        [None, Some("Bearer x".into()), Some("Basic eDp5".into()), Some("Bearer a.b.c".into())]
    {
        let answer = send(token).await.expect_problem(401, "unauthenticated");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    for claims in [
        json!({"exp": 1}),
        json!({"iss": "https://other/"}),
        json!({"aud": "other"}),
        json!({"nbf": 4_000_000_000u64}),
    ] {
        let mut all =
            json!({"sub": "a", "email": "a@acme.example", "org_id": "acme", "role": "admin"});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        send(Some(format!("Bearer {}", app.token_with(&all))))
            .await
            .expect_problem(401, "unauthenticated");
    }
}

#[support::test]
async fn request_ids_are_echoed_or_generated(app: App) {
    let answer = raw(&app, "GET", "/v1/nowhere", &[("x-request-id", "abc-123")], "").await;
    assert_eq!(answer.expect_problem(404, "not_found").header("x-request-id"), "abc-123");
    let made = app.get("/v1/integrations").await;
    assert!(made.header("x-request-id").len() >= 32);
    let long = "x".repeat(500);
    let replaced = raw(&app, "GET", "/v1/integrations", &[("x-request-id", &long)], "").await;
    assert_ne!(replaced.header("x-request-id"), long);
}

#[support::test]
async fn pages_are_complete_and_without_repetition(pool: PgPool) {
    let app = App::builder(pool).tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let all = app.findings("").await;
    assert!(all.len() > 10, "{}", all.len());
    for sort in [
        "severity",
        "-severity",
        "last_seen_at",
        "-last_seen_at",
        "first_seen_at",
        "-first_seen_at",
    ] {
        let mut seen: Vec<Value> = Vec::new();
        let mut path = format!("/v1/findings?limit=3&sort={sort}");
        loop {
            let page = app.get(&path).await.expect(200);
            seen.extend(page.json["items"].as_array().unwrap().iter().map(|f| f["id"].clone()));
            let Some(next) = page.json["next"].as_str() else {
                assert_eq!(page.header("link"), "");
                break;
            };
            let link = page.header("link");
            assert!(link.contains("rel=\"next\"") && link.contains(next), "{link}");
            path = format!("/v1/findings?limit=3&sort={sort}&cursor={next}");
        }
        let unique: std::collections::BTreeSet<_> = seen.iter().map(Value::to_string).collect();
        assert_eq!((seen.len(), unique.len()), (all.len(), all.len()), "{sort}");
    }
    let order: Vec<_> = all.iter().map(|f| f["severity"].as_str().unwrap()).collect();
    let rank = |s: &str| ["critical", "high", "medium", "low", "info"].iter().position(|x| *x == s);
    assert!(order.windows(2).all(|w| rank(w[0]) <= rank(w[1])), "critical first: {order:?}");
}

#[support::test]
async fn a_cursor_belongs_to_its_filter_and_sort(pool: PgPool) {
    let app = App::builder(pool).tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let page = app.get("/v1/findings?limit=1&severity=high").await.expect(200).json;
    let cursor = page["next"].as_str().expect("more than one");
    app.get(&format!("/v1/findings?limit=1&severity=high&cursor={cursor}")).await.expect(200);
    for other in ["severity=low", "severity=high&sort=last_seen_at", ""] {
        let answer = app.get(&format!("/v1/findings?{other}&cursor={cursor}")).await;
        assert_eq!(answer.expect_problem(422, "validation_failed").faults(), ["cursor"]);
    }
}

#[support::test]
async fn filters_take_any_of_a_comma_list(pool: PgPool) {
    let app = App::builder(pool).tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let all = app.findings("").await;
    let count = |severities: &[&str]| {
        all.iter().filter(|f| severities.contains(&f["severity"].as_str().unwrap())).count()
    };
    assert_eq!(app.findings("severity=high,low").await.len(), count(&["high", "low"]));
    assert_eq!(app.findings("state=resolved").await.len(), 0);
    assert_eq!(app.findings("state=open,resolved").await.len(), all.len());
    let q = app.findings("q=ALLOWLIST").await;
    assert!(!q.is_empty() && q.iter().all(|f| f.to_string().to_lowercase().contains("allowlist")));
    assert_eq!(app.findings("q=%25").await.len(), 0);
}

#[support::test]
async fn the_same_idempotency_key_and_body_replays_the_response(app: App) {
    let key = [("idempotency-key", "save-1")];
    let form = app.form();
    let first = app.call(Method::POST, "/v1/integrations", &key, Some(&form)).await.expect(201);
    let again = app.call(Method::POST, "/v1/integrations", &key, Some(&form)).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((&first.json, first.header("etag")), (&again.json, again.header("etag")));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("idempotency-replayed"), "");
    let other = app.form_with(&json!({"name": "Other"}));
    let reused = app.call(Method::POST, "/v1/integrations", &key, Some(&other)).await;
    reused.expect_problem(422, "idempotency_key_reused");
    let elsewhere = app.call(Method::POST, "/v1/connection-tests", &key, Some(&form)).await;
    elsewhere.expect(200);
    app.clock.advance(std::time::Duration::from_secs(24 * 3600 + 1));
    let later = app.call(Method::POST, "/v1/integrations", &key, Some(&form)).await;
    later.expect_problem(409, "conflict");
}

#[support::test]
async fn a_rejected_request_releases_its_idempotency_key(app: App) {
    let key = [("idempotency-key", "k")];
    let bad = json!({});
    app.call(Method::POST, "/v1/integrations", &key, Some(&bad))
        .await
        .expect_problem(422, "validation_failed");
    let form = app.form();
    app.call(Method::POST, "/v1/integrations", &key, Some(&form)).await.expect(201);
    let odd = [("idempotency-key", "é")];
    let refused = app.call(Method::POST, "/v1/integrations", &odd, Some(&form)).await;
    assert_eq!(refused.status, 400);
}

#[support::test]
async fn a_caller_over_its_quota_of_idempotency_keys_gets_429(app: App) {
    let form = app.form();
    let test = async |key: &str| {
        let key = [("idempotency-key", key)];
        app.call(Method::POST, "/v1/connection-tests", &key, Some(&form)).await
    };
    test("first").await.expect(200);
    let sql = "insert into idempotency_keys (organisation_id, subject, method, path, key,
            fingerprint, locked_until, status, headers, body, expires_at)
        select organisation_id, subject, method, path, n::text,
            fingerprint, locked_until, status, headers, body, expires_at
        from idempotency_keys, generate_series(2, 10000) as n";
    sqlx::query(sql).execute(app.pool()).await.unwrap();
    let refused = test("another").await.expect_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "600");
    assert_eq!(test("first").await.expect(200).header("idempotency-replayed"), "true");
    app.post("/v1/connection-tests", &form).await.expect(200);
}

#[support::test]
async fn service_endpoints_need_no_token(app: App) {
    for path in
        ["/", "/livez", "/readyz", "/metrics", "/openapi.json", "/openapi-3.0.json", "/docs"]
    {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert!(
            answer.status.is_success() || answer.status.is_redirection(),
            "{path}: {}",
            answer.status
        );
    }
    let document = app.get("/openapi.json").await.json;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let document = app.get("/openapi-3.0.json").await.json;
    assert_eq!(document["openapi"], "3.0.3");
}

#[support::test]
async fn a_process_whose_keys_decrypt_nothing_is_not_ready(app: App) {
    app.create().await;
    app.get("/readyz").await.expect(200);
    let other = App::start(app.pool().clone()).await;
    let unready = other.get("/readyz").await.expect_problem(503, "unavailable");
    assert!(unready.json["detail"].as_str().unwrap().contains("safe-auth0 keys status"));
    assert_ne!(unready.header("retry-after"), "");
    other.get("/livez").await.expect(200);
}
