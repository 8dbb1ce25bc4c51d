//! Syncs within the tenant's rate limit, on the manual clock.

use domain::Clock;
use serde_json::json;
use simulator::{Effect, Fault, TenantFile};
use sqlx::PgPool;
use support::{App, Saved, assert_members, readable};

#[support::test]
async fn a_free_tenant_is_read_without_a_429_in_seven_seconds(pool: PgPool) {
    let app = App::builder(pool).tenant("free-plan").start().await;
    let id = app.create().await;
    app.clock.advance(std::time::Duration::from_secs(60));
    let began = app.clock.now();
    let sync = app.sync(&id).await;
    let took = app.clock.now().duration_since(began);
    assert_members!(sync, {"state": "succeeded", "rate_limited": 0});
    assert!(app.tenant().requests().iter().all(|request| request.status != 429));
    assert!(took <= jiff::SignedDuration::from_secs(7), "{took:#}");
}

#[support::test]
async fn the_first_wave_does_not_flood_an_unknown_bucket(pool: PgPool) {
    let app = App::builder(pool).tenant("free-plan").start().await;
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(report["outcome"], "connected");
    assert!(app.tenant().requests().iter().all(|request| request.status != 429));
    assert!(app.tenant().most_concurrent() <= 2);
}

#[support::test]
async fn a_large_bucket_is_one_parallel_wave(pool: PgPool) {
    let mut file = TenantFile::bundled("hardened").unwrap();
    file.plan = simulator::Plan::Enterprise;
    let app = App::builder(pool).tenant_file(file).start().await;
    let id = app.create().await;
    // A little latency keeps the answers apart from the requests.
    let latency = Effect::Latency(std::time::Duration::from_millis(30));
    app.tenant().fault(Fault::on_management_api(latency));
    let began = app.clock.now();
    let sync = app.sync(&id).await;
    assert_members!(sync, {"state": "succeeded", "calls": 13});
    assert_eq!(app.clock.now(), began, "nobody waited");
    assert!(app.tenant().most_concurrent() > 4, "{}", app.tenant().most_concurrent());
}

#[support::test]
async fn a_sync_is_recognisable_in_the_tenants_logs(Saved { app, id }: Saved) {
    app.tenant().clear_requests();
    let sync = app.sync(&id).await;
    for request in app.tenant().requests() {
        let agent = request.user_agent.unwrap_or_default();
        assert!(
            agent.starts_with("safe-auth0/") && agent.contains(sync["id"].as_str().unwrap()),
            "{agent}"
        );
    }
}

#[support::test]
async fn a_remembered_large_bucket_needs_no_probe(pool: PgPool) {
    let mut file = TenantFile::bundled("hardened").unwrap();
    file.plan = simulator::Plan::Enterprise;
    let app = App::builder(pool.clone()).tenant_file(file).start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let (size,): (i32,) =
        sqlx::query_as("select bucket_size from origin_paces").fetch_one(&pool).await.unwrap();
    assert_eq!(size, 50);
    app.clock.advance(std::time::Duration::from_secs(120));
    app.tenant().clear_requests();
    let latency = Effect::Latency(std::time::Duration::from_millis(50));
    app.tenant().fault(Fault::on_management_api(latency));
    app.sync(&id).await;
    assert_eq!(app.tenant().most_concurrent(), 13);
}

#[support::test]
async fn every_sync_respects_the_backoff_of_a_tenant(Saved { app, id }: Saved) {
    let until = app.clock.now() + jiff::SignedDuration::from_secs(90);
    app.sync(&id).await;
    let sql = "update origin_paces set closed_until = $1";
    sqlx::query(sql).bind(jiff_sqlx::ToSqlx::to_sqlx(until)).execute(app.pool()).await.unwrap();
    app.tenant().clear_requests();
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    let calls = app.tenant().requests();
    assert!(calls.iter().all(|call| call.at >= until), "nobody called before");
}

/// The paces of an origin by who reported them: closed for a day.
async fn report_closed(app: &App, api_identifier: &str, by: &str) {
    let sql = "insert into origin_paces
            (api_identifier, reported_by, closed_until, updated_at) values ($1, $2, $3, $4)
        on conflict (api_identifier, reported_by) do update set closed_until = excluded.closed_until";
    let now = app.clock.now();
    let day = now + jiff::SignedDuration::from_hours(24);
    let insert = sqlx::query(sql).bind(api_identifier).bind(by);
    let insert = insert.bind(jiff_sqlx::ToSqlx::to_sqlx(day));
    insert.bind(jiff_sqlx::ToSqlx::to_sqlx(now)).execute(app.pool()).await.unwrap();
}

#[support::test]
async fn what_others_report_of_an_origin_holds_for_minutes_and_of_an_audience_not_at_all(
    Saved { app, id }: Saved,
) {
    let integration = app.integration(&id).await;
    let api_identifier = integration["api_identifier"].as_str().unwrap();
    let began = app.clock.now();
    report_closed(&app, "https://login.globex.example/api/v2/", "globex").await;
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    assert_eq!(app.clock.now(), began, "that origin is not called");
    report_closed(&app, api_identifier, "globex").await;
    app.clock.advance(std::time::Duration::from_secs(120));
    app.tenant().clear_requests();
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    let reads = app.tenant().requests();
    let earliest = reads.iter().filter(|call| call.path.starts_with("/api")).map(|call| call.at);
    let waited = earliest.min().unwrap().duration_since(began);
    assert_eq!(waited, jiff::SignedDuration::from_mins(5));
    report_closed(&app, api_identifier, "acme").await;
    let failure = app.sync(&id).await["failure"].clone();
    assert_eq!(failure["code"], "rate_limited", "its own word holds until then: {failure}");
}

#[support::test]
async fn an_origin_that_another_organisation_read_without_a_limit_is_read_at_once(
    Saved { app, id }: Saved,
) {
    let integration = app.integration(&id).await;
    report_closed(&app, integration["api_identifier"].as_str().unwrap(), "globex").await;
    let open = "update origin_paces set closed_until = null";
    sqlx::query(open).execute(app.pool()).await.unwrap();
    let began = app.clock.now();
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    assert_eq!(app.clock.now(), began, "it did not wait");
}

#[support::test]
async fn syncs_respect_the_backoff_of_the_token_endpoint_until_a_test_succeeds(
    Saved { app, id }: Saved,
) {
    // The token of the test is too old by then.
    app.clock.advance(std::time::Duration::from_secs(3600));
    app.tenant().clear_requests();
    let limit = Effect::TooManyRequests { retry_after: Some(600), with_ratelimit_headers: false };
    app.tenant().fault(Fault::on_token_endpoint(limit));
    for calls in [1, 0, 0] {
        let sync = app.sync(&id).await;
        assert_eq!(
            (&sync["failure"]["code"], &sync["calls"]),
            (&json!("rate_limited"), &json!(calls))
        );
        assert_eq!(sync["failure"]["retryable"], true);
    }
    app.clock.advance(std::time::Duration::from_secs(60));
    // Who presses Test Connection is told what is true now.
    let tests = format!("/v1/integrations/{id}/connection-tests");
    let test = async || app.post(&tests, &json!({})).await.expect(200).json;
    let report = test().await;
    let step = &report["steps"][2];
    assert_members!(step, {"name": "token", "code": "rate_limited"});
    assert!(step["message"].as_str().unwrap().contains("(in 600 s)"), "{step}");
    assert_eq!(report["calls"], 1);
    assert_eq!(app.sync(&id).await["calls"], 0);
    app.tenant().clear_faults();
    assert_eq!(app.sync(&id).await["calls"], 0, "nobody knows yet");
    assert_eq!(test().await["outcome"], "connected");
    assert_eq!(app.sync(&id).await["state"], "succeeded");
}

/// The first call after the token has ended is answered while three others are under way.
#[support::test]
async fn no_call_starts_with_a_token_that_was_refused_before(pool: PgPool) {
    let app = App::builder(pool).tenant_file(readable("hardened")).start().await;
    let id = app.create().await;
    app.tenant().clear_requests();
    app.tenant().fault(Fault::everywhere(Effect::Latency(std::time::Duration::from_millis(30))));
    app.tenant().fault(Fault::on_management_api(Effect::ExpireToken).skip(4).times(1));
    let sync = app.sync(&id).await;
    assert_members!(sync, {"state": "succeeded", "coverage_percent": 100});
    let requests = app.tenant().requests();
    let refused = requests.iter().filter(|request| request.status == 401).count();
    assert!((1..=4).contains(&refused), "{refused}");
    assert_eq!(app.tenant().count("POST", "/oauth/token"), 1);
    assert_eq!(requests.len(), 28 + refused + 1, "each refused call is made again");
}
