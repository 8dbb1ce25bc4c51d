//! Rate limits, client addresses and headers of pages.

use std::net::SocketAddr;
use std::time::Duration;

use api::{Limits, Rate, Rates, TrustedProxies};
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request};
use serde_json::json;
use simulator::{Limit, TenantFile};
use sqlx::PgPool;
use support::{Answer, App, ORGANISATION, assert_members, high_rates};

const STRANGER: &str = "203.0.113.9:4711";

fn few(rates: Rates) -> Limits {
    Limits { rates, ..Limits::default() }
}

/// GET from this peer.
async fn get_from(app: &App, peer: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method("GET").uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer: SocketAddr = peer.parse().unwrap();
    let request = request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
    app.send(request).await
}

#[support::test]
async fn a_caller_over_its_rate_limit_gets_429_and_others_do_not(pool: PgPool) {
    let caller = Rate { per_minute: 60, burst: 2 };
    let limits = few(Rates { caller, ..high_rates() });
    let app = App::builder(pool).api_limits(limits).start().await;
    let first = app.get("/v1/integrations").await.expect(200);
    assert_eq!(first.header("ratelimit"), r#""default";r=1;t=1"#);
    assert_eq!(first.header("ratelimit-policy"), r#""default";q=60;w=60"#);
    app.get("/v1/integrations").await.expect(200);
    // Before the body is read.
    let headers = [("content-type", "text/plain")];
    let body = json!("garbage");
    let path = "/v1/connection-tests";
    let refused = app.call(Method::POST, path, &headers, Some(&body)).await;
    let refused = refused.expect_problem(429, "rate_limited");
    assert_eq!((refused.header("retry-after"), &refused.json["retryable"]), ("1", &json!(true)));
    assert_eq!(refused.header("ratelimit"), r#""default";r=0;t=1"#);
    let other = app.token(ORGANISATION, "viewer");
    app.call_as(&other, Method::GET, "/v1/integrations", &[], None).await.expect(200);
    for path in ["/livez", "/readyz", "/metrics"] {
        let probe = app.get(path).await.expect(200);
        assert_eq!(probe.header("ratelimit"), "");
    }
    app.clock.advance(Duration::from_secs(1));
    app.get("/v1/integrations").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    let rows = app.get("/v1/audit").await.expect(200).json;
    assert_eq!(rows["items"], json!([]), "who asks too often does not fill the audit");
}

#[support::test]
async fn connection_tests_are_limited_for_each_organisation(pool: PgPool) {
    let tests = Rate { per_minute: 2, burst: 2 };
    let limits = few(Rates { tests, tests_at_once: 1, ..high_rates() });
    let mut fresh = TenantFile::bundled("fresh").unwrap();
    fresh.bucket = Limit::Unlimited;
    let app = App::builder(pool).tenant_file(fresh).api_limits(limits).start().await;
    let tested = app.post("/v1/connection-tests", &app.form()).await.expect(200);
    assert!(tested.header("ratelimit").contains(r#""connection-tests";r=1;t=30"#));
    app.create().await;
    let refused = app.post("/v1/connection-tests", &app.form()).await;
    let refused = refused.expect_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "30");
    app.patch("/v1/integrations/x", "*", &json!({})).await.expect(429);
    app.get("/v1/integrations").await.expect(200);
    let theirs = app.token("globex", "admin");
    let form = app.form();
    let path = "/v1/connection-tests";
    app.call_as(&theirs, Method::POST, path, &[], Some(&form)).await.expect(200);
}

#[support::test]
async fn concurrent_tests_and_streams_are_limited_for_each_organisation(pool: PgPool) {
    let rates = Rates { tests_at_once: 0, ..high_rates() };
    let limits = Limits { waiting_per_organisation: 0, ..few(rates) };
    let app = App::builder(pool).api_limits(limits).start().await;
    let refused = app.post("/v1/connection-tests", &json!({})).await;
    assert_eq!(refused.expect_problem(429, "rate_limited").header("retry-after"), "5");
    app.get("/v1/audit?format=csv").await.expect_problem(503, "unavailable");
}

#[support::test]
async fn probes_are_answered_whatever_the_load(pool: PgPool) {
    let limits = Limits { concurrent_requests: 0, ..few(high_rates()) };
    let app = App::builder(pool).api_limits(limits).start().await;
    app.get("/v1/integrations").await.expect_problem(503, "unavailable");
    for path in ["/livez", "/readyz", "/metrics"] {
        app.get(path).await.expect(200);
    }
}

#[support::test]
async fn readiness_asks_the_database_once_a_second(app: App) {
    app.get("/readyz").await.expect(200);
    app.pool().close().await;
    app.get("/readyz").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    app.get("/readyz").await.expect_problem(503, "unavailable");
}

#[support::test]
async fn an_organisation_has_one_comparison_and_one_verification_at_a_time(pool: PgPool) {
    let wait = Duration::from_millis(20);
    let limits = engine::Limits { comparison_wait: wait, ..engine::Limits::default() };
    let app = App::builder(pool).limits(limits).start().await;
    let mut blocker = app.pool().begin().await.unwrap();
    let lock = "lock table assets, audit_heads in access exclusive mode";
    sqlx::query(lock).execute(&mut *blocker).await.unwrap();
    let (acme, globex) = (app.token(ORGANISATION, "admin"), app.token("globex", "admin"));
    for path in ["/v1/assets/00000000-0000-0000-0000-000000000001/drift", "/v1/audit/verify"] {
        let get = async |token| app.call_as(token, Method::GET, path, &[], None).await;
        let mut first = Box::pin(get(&acme));
        wait_for_locks(&app, 1, &mut first).await;
        // Before the database would give up.
        let refused = tokio::time::timeout(Duration::from_secs(2), get(&acme)).await;
        let refused = refused.expect("the second one does not wait for the database");
        refused.expect_problem(503, "unavailable");
        assert_eq!(locks_waited_for(&app).await, 1);
        // Its turn comes, and it waits for the database alone.
        let mut other = Box::pin(get(&globex));
        wait_for_locks(&app, 2, &mut other).await;
        drop((first, other));
        while locks_waited_for(&app).await > 0 {
            let end = "select pg_cancel_backend(pid) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'";
            sqlx::query(end).execute(app.pool()).await.unwrap();
        }
    }
}

async fn locks_waited_for(app: &App) -> i64 {
    let sql = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap()
}

/// Polls the request until this many statements wait for a lock.
async fn wait_for_locks(app: &App, count: i64, request: impl Future<Output = Answer>) {
    tokio::select! {
        answer = request => panic!("it did not wait: {answer:?}"),
        () = async { while locks_waited_for(app).await < count {} } => {}
    }
}

#[support::test]
async fn an_address_with_many_401_gets_429_and_its_valid_tokens_do_not(pool: PgPool) {
    let unauthenticated = Rate { per_minute: 60, burst: 2 };
    let limits = few(Rates { unauthenticated, ..high_rates() });
    let app = App::builder(pool).api_limits(limits).start().await;
    let bad = [("authorization", "Bearer x.y.z")];
    get_from(&app, STRANGER, "/v1/integrations", &bad).await.expect(401);
    get_from(&app, STRANGER, "/v1/integrations", &[]).await.expect(401);
    let refused = get_from(&app, STRANGER, "/v1/integrations", &bad).await;
    let refused = refused.expect_problem(429, "rate_limited");
    assert_eq!(refused.header("ratelimit-policy"), r#""unauthenticated";q=60;w=60"#);
    get_from(&app, "203.0.113.10:1", "/v1/integrations", &bad).await.expect(401);
    // A port, an IPv4 address in IPv6 clothes: the same address.
    get_from(&app, "[::ffff:203.0.113.9]:1", "/v1/integrations", &bad).await.expect(429);
    let good = format!("Bearer {}", app.token(ORGANISATION, "admin"));
    let good = [("authorization", good.as_str())];
    get_from(&app, STRANGER, "/v1/integrations", &good).await.expect(200);
}

#[support::test]
async fn the_audit_has_the_source_that_a_trusted_proxy_names_and_no_other(pool: PgPool) {
    let proxies = vec![TrustedProxies::parse_network("10.0.0.0/8").unwrap()];
    let limits = Limits { trusted_proxies: TrustedProxies::new(proxies), ..few(high_rates()) };
    let app = App::builder(pool).api_limits(limits).start().await;
    let viewer = format!("Bearer {}", app.token(ORGANISATION, "viewer"));
    for (peer, forwarded, address, port) in [
        ("10.0.0.1:5", "6.6.6.6, 192.0.2.1:4711", json!("192.0.2.1"), json!(4711)),
        ("10.0.0.1:5", "192.0.2.1", json!("192.0.2.1"), json!(null)),
        ("203.0.113.9:7", "192.0.2.1", json!("203.0.113.9"), json!(7)),
    ] {
        let headers = [("authorization", viewer.as_str()), ("x-forwarded-for", forwarded)];
        get_from(&app, peer, "/v1/audit", &headers).await.expect(403);
        let newest = app.get("/v1/audit?limit=1").await.expect(200).json["items"][0].clone();
        assert_members!(newest, {"source_address": address, "source_port": port});
    }
    assert_eq!(app.get("/v1/audit/verify").await.json["intact"], json!(true));
}

#[support::test]
async fn there_is_no_cors_and_pages_load_nothing_external(pool: PgPool) {
    let app = App::builder(pool).start().await;
    let origin = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    for method in [Method::OPTIONS, Method::GET, Method::POST] {
        for path in ["/v1/integrations", "/livez", "/openapi.json", "/docs", "/nowhere"] {
            let answer = app.call(method.clone(), path, &origin, None).await;
            let names = answer.headers.keys().map(http::HeaderName::as_str);
            let cors: Vec<_> = names.filter(|name| name.starts_with("access-control")).collect();
            assert!(cors.is_empty(), "{method} {path}: {cors:?}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(answer.header("strict-transport-security"), "");
        }
    }
    for path in ["/", "/docs", "/docs/", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"] {
        let page = app.get(path).await.expect(200);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("http"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
}
