//! Limits for token requests and for calls with invalid tokens.

use std::net::SocketAddr;
use std::time::Duration;

use api::{Limits, Rate, Rates, TrustedProxies};
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use serde_json::json;
use sqlx::PgPool;
use support::{Answer, App, ORGANISATION, high_rates};

use super::credentials::{Made, audit, create, token_of};
use super::rows::execute;

const STRANGER: &str = "203.0.113.9:4711";
const NEIGHBOUR: &str = "203.0.113.10:4711";

async fn app_with(pool: PgPool, rates: Rates) -> App {
    App::builder(pool).api_limits(Limits { rates, ..Limits::default() }).start().await
}

async fn send(app: &App, peer: &str, request: http::request::Builder) -> Answer {
    let peer: SocketAddr = peer.parse().unwrap();
    app.send(request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()).await
}

async fn ask(app: &App, peer: &str, made: &Made) -> Answer {
    send(app, peer, Request::post("/v1/token").header("authorization", made.basic())).await
}

async fn list(app: &App, peer: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    send(app, peer, Request::get("/v1/integrations").header("authorization", bearer)).await
}

async fn refusals(app: &App) -> usize {
    audit(app).await.iter().filter(|row| row.0 == "create_token" && row.1 == "refused").count()
}

#[support::test]
async fn an_address_over_its_limit_gets_429_before_its_secret_is_verified(pool: PgPool) {
    let unauthenticated = Rate { per_minute: 60, burst: 2 };
    let app = app_with(pool, Rates { unauthenticated, ..high_rates() }).await;
    let made = create(&app, "viewer").await;
    for _ in 0..5 {
        let right = ask(&app, STRANGER, &made).await.expect(200);
        assert!(right.header("ratelimit").starts_with(r#""default";"#), "{:?}", right.headers);
    }
    let wrong = made.with_secret("sac_wrong");
    let failed = ask(&app, STRANGER, &wrong).await.expect_problem(401, "unauthenticated");
    assert_eq!(failed.header("ratelimit"), r#""unauthenticated";r=1;t=1"#);
    send(&app, STRANGER, Request::post("/v1/token")).await.expect(401);
    let unused = create(&app, "viewer").await;
    for each in [&unused.with_secret("sac_wrong"), &unused] {
        let refused = ask(&app, STRANGER, each).await.expect_problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.header("ratelimit-policy"), r#""unauthenticated";q=60;w=60"#);
    }
    assert_eq!(refusals(&app).await, 1);
    ask(&app, NEIGHBOUR, &unused).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    ask(&app, STRANGER, &unused).await.expect(200);
}

#[support::test]
async fn what_was_valid_before_is_accepted_although_strangers_exhaust_the_address(pool: PgPool) {
    let unauthenticated = Rate { per_minute: 60, burst: 1 };
    let app = app_with(pool, Rates { unauthenticated, ..high_rates() }).await;
    let (made, other) = (create(&app, "viewer").await, create(&app, "viewer").await);
    ask(&app, STRANGER, &made).await.expect(200);
    let (used, unused) = (token_of(&app, &made).await, token_of(&app, &other).await);
    list(&app, STRANGER, &used).await.expect(200);
    send(&app, STRANGER, Request::get("/v1/integrations")).await.expect(401);
    list(&app, STRANGER, &unused).await.expect_problem(429, "rate_limited");
    for _ in 0..3 {
        let answer = list(&app, STRANGER, &used).await.expect(200);
        assert!(answer.header("ratelimit").starts_with(r#""default";"#), "{:?}", answer.headers);
        ask(&app, STRANGER, &made).await.expect(200);
    }
    // A guess for a known credential counts as any stranger's, and costs its owner nothing.
    let wrong = made.with_secret("sac_wrong");
    for _ in 0..30 {
        ask(&app, STRANGER, &wrong).await.expect_problem(429, "rate_limited");
    }
    ask(&app, STRANGER, &made).await.expect(200);
    // A token that is not valid any more is forgotten.
    execute(&app, "delete from api_tokens").await;
    list(&app, STRANGER, &used).await.expect_problem(429, "rate_limited");
    execute(&app, "alter table api_tokens rename to away").await;
    list(&app, STRANGER, &used).await.expect_problem(429, "rate_limited");
}

#[support::test]
async fn guesses_from_the_same_address_do_not_lock_out_who_was_valid_before(pool: PgPool) {
    let app = app_with(pool, high_rates()).await;
    let (made, unused) = (create(&app, "viewer").await, create(&app, "viewer").await);
    ask(&app, STRANGER, &made).await.expect(200);
    for each in [&made, &unused] {
        let wrong = each.with_secret("sac_guess");
        for _ in 0..10 {
            ask(&app, STRANGER, &wrong).await.expect(401);
        }
        ask(&app, STRANGER, &wrong).await.expect_problem(429, "rate_limited");
    }
    ask(&app, STRANGER, &unused).await.expect_problem(429, "rate_limited");
    ask(&app, STRANGER, &made).await.expect(200);
    app.delete(&format!("/v1/api-credentials/{}", made.id)).await.expect(204);
    ask(&app, STRANGER, &made).await.expect_problem(401, "unauthenticated");
}

#[support::test]
async fn forwarding_headers_of_an_unnamed_peer_show_in_the_readiness(app: App) {
    assert_eq!(app.get("/readyz").await.expect(200).json, json!({"status": "ok"}));
    let request = Request::get("/v1/integrations").header("x-forwarded-for", "192.0.2.1");
    send(&app, STRANGER, request).await.expect(401);
    let warnings = &app.get("/readyz").await.expect(200).json["warnings"];
    assert!(warnings[0].as_str().unwrap().contains("SAFE_AUTH0_TRUSTED_PROXIES"), "{warnings}");
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(app.get("/readyz").await.expect(200).json, json!({"status": "ok"}));
}

#[support::test]
async fn token_requests_count_against_the_callers_rate_limit(pool: PgPool) {
    let caller = Rate { per_minute: 60, burst: 2 };
    let app = app_with(pool, Rates { caller, ..high_rates() }).await;
    let made = create(&app, "viewer").await;
    let token = token_of(&app, &made).await;
    list(&app, STRANGER, &token).await.expect(200);
    let refused = ask(&app, STRANGER, &made).await.expect_problem(429, "rate_limited");
    assert_eq!(refused.header("ratelimit"), r#""default";r=0;t=1"#);
    let sql = "select count(*) from api_tokens";
    let tokens: i64 = sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap();
    assert_eq!(tokens, 1, "nothing was issued");
}

#[support::test]
async fn the_audit_of_tokens_has_the_source_that_a_trusted_proxy_names(pool: PgPool) {
    let proxies = vec![TrustedProxies::parse_network("10.0.0.0/8").unwrap()];
    let trusted_proxies = TrustedProxies::new(proxies);
    let limits = Limits { trusted_proxies, rates: high_rates(), ..Limits::default() };
    let app = App::builder(pool).api_limits(limits).start().await;
    let made = create(&app, "viewer").await;
    let request = Request::post("/v1/token").header("authorization", made.basic());
    let request = request.header("x-forwarded-for", "192.0.2.1");
    send(&app, "10.0.0.1:5", request).await.expect(200);
    let row = app.get("/v1/audit?action=create_token").await.expect(200).json["items"][0].clone();
    assert_eq!(row["source_address"], "192.0.2.1");
}

#[support::test]
async fn guessing_locks_out_no_other_address_and_does_not_flood_the_audit(pool: PgPool) {
    let app = app_with(pool, high_rates()).await;
    let made = create(&app, "viewer").await;
    let wrong = made.with_secret("sac_guess");
    for peer in [STRANGER, NEIGHBOUR] {
        for _ in 0..10 {
            ask(&app, peer, &wrong).await.expect(401);
        }
        ask(&app, peer, &made).await.expect_problem(429, "rate_limited");
    }
    ask(&app, "203.0.113.11:1", &made).await.expect(200);
    assert_eq!(refusals(&app).await, 10);
    app.clock.advance(Duration::from_secs(15 * 60));
    ask(&app, STRANGER, &wrong).await.expect(401);
    assert_eq!(refusals(&app).await, 11);
}

#[support::test]
async fn known_ids_get_the_same_401_while_the_audit_is_locked_or_broken(pool: PgPool) {
    let app = app_with(pool, high_rates()).await;
    let made = create(&app, "viewer").await;
    let wrong = made.with_secret("sac_wrong");
    let mut held = app.pool().begin().await.unwrap();
    let lock = "lock table audit_heads in access exclusive mode";
    sqlx::query(lock).execute(&mut *held).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(20), ask(&app, STRANGER, &wrong)).await;
    answer.expect("nobody waits for the audit").expect_problem(401, "unauthenticated");
    held.rollback().await.unwrap();
    assert_eq!(refusals(&app).await, 1);
    execute(&app, "alter table audit_heads rename to gone").await;
    ask(&app, STRANGER, &wrong).await.expect_problem(401, "unauthenticated");
    assert_eq!(refusals(&app).await, 1);
}

#[support::test]
async fn tokens_are_not_looked_up_for_an_address_over_its_limit(pool: PgPool) {
    let unauthenticated = Rate { per_minute: 60, burst: 1 };
    let app = app_with(pool, Rates { unauthenticated, ..high_rates() }).await;
    let made = create(&app, "viewer").await;
    let good = token_of(&app, &made).await;
    let last = if good.ends_with('A') { "B" } else { "A" };
    let bad = format!("{}{last}", &good[..good.len() - 1]);
    list(&app, STRANGER, &bad).await.expect(401);
    execute(&app, "alter table api_tokens rename to away").await;
    for token in [&bad, &good] {
        let refused = list(&app, STRANGER, token).await.expect_problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.header("ratelimit"), r#""unauthenticated";r=0;t=1"#);
    }
    execute(&app, "alter table away rename to api_tokens").await;
    list(&app, STRANGER, &app.token(ORGANISATION, "viewer")).await.expect(200);
    list(&app, NEIGHBOUR, &good).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        let answer = list(&app, STRANGER, &good).await.expect(200);
        assert!(answer.header("ratelimit").starts_with(r#""default";"#));
        assert_eq!(answer.json["items"], json!([]));
    }
}
