//! A running sync stops within a second when it is cancelled, or when its integration is disabled or
//! deleted, and a worker that shuts down returns its syncs to the queue. These tests run the real worker in
//! real time. Each wait polls a condition, far below its time limit.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::{App, assert_members};
use tokio_util::sync::CancellationToken;

/// Starts a worker, and a sync whose calls the tenant never answers.
async fn stuck(
    pool: PgPool,
) -> (App, String, Value, CancellationToken, tokio::task::JoinHandle<()>) {
    let app = App::start(pool).await;
    let id = app.create().await;
    app.tenant().fault(Fault::on_management_api(Effect::Hang));
    let shutdown = CancellationToken::new();
    let worker = tokio::spawn(engine::worker::run(app.engine.clone(), shutdown.clone()));
    let sync = app.start_sync(&id).await;
    until(&app, &sync, "running").await;
    until_calls(&app, |in_flight| in_flight > 0).await;
    (app, id, sync, shutdown, worker)
}

/// Polls until the condition holds.
async fn poll<T>(mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let poll = async {
        loop {
            if let Some(found) = condition().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), poll).await.expect("the condition holds in time")
}

/// Waits until the sync is in this state.
async fn until(app: &App, sync: &Value, state: &str) -> Value {
    let path = format!("/v1/syncs/{}", sync["id"].as_str().unwrap());
    poll(async || Some(app.get(&path).await.expect(200).json).filter(|sync| sync["state"] == state))
        .await
}

/// Waits until the number of calls that the tenant has not answered is as expected.
async fn until_calls(app: &App, is_expected: impl Fn(usize) -> bool) {
    poll(async || is_expected(app.tenant().in_flight()).then_some(())).await;
}

/// Waits until the worker drops its calls to the tenant, then shuts it down: no sync is left to wait for.
async fn stops(app: &App, shutdown: &CancellationToken, worker: tokio::task::JoinHandle<()>) {
    until_calls(app, |in_flight| in_flight == 0).await;
    shutdown.cancel();
    // The grace for running syncs is 5 s; an idle worker ends at once.
    let ended = tokio::time::timeout(Duration::from_secs(3), worker).await;
    ended.expect("the worker had nothing left to run").expect("no panic");
}

#[support::test]
async fn a_cancelled_sync_stops(pool: PgPool) {
    let (app, id, sync, shutdown, worker) = stuck(pool).await;
    let path = format!("/v1/syncs/{}", sync["id"].as_str().unwrap());
    let answer = app.delete(&path).await.expect(202).json;
    assert_members!(answer, {"state": "cancelled", "stage": "failed"});
    assert_eq!(answer["failure"]["code"], "cancelled");
    app.delete(&path).await.expect(202);
    let row = &app.history(&id).await[0];
    assert_members!(row, {"status": "failed", "error": "cancelled"});
    assert!(row["message"].as_str().unwrap().contains("admin@acme.example"));
    stops(&app, &shutdown, worker).await;
}

#[support::test]
async fn disabling_stops_a_running_sync(pool: PgPool) {
    let (app, id, sync, shutdown, worker) = stuck(pool).await;
    app.patch(&format!("/v1/integrations/{id}"), "*", &json!({"enabled": false})).await.expect(200);
    until(&app, &sync, "cancelled").await;
    stops(&app, &shutdown, worker).await;
}

#[support::test]
async fn deleting_stops_a_running_sync(pool: PgPool) {
    let (app, id, sync, shutdown, worker) = stuck(pool).await;
    app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
    until(&app, &sync, "cancelled").await;
    stops(&app, &shutdown, worker).await;
}

#[support::test]
async fn a_worker_that_shuts_down_returns_its_sync_to_the_queue(pool: PgPool) {
    let (app, _, sync, shutdown, worker) = stuck(pool).await;
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(30), worker).await.expect("in time").unwrap();
    until(&app, &sync, "queued").await;
    app.tenant().clear_faults();
    app.run_due_jobs().await;
    let ended = until(&app, &sync, "succeeded").await;
    assert_eq!(ended["attempts"], 2);
}

#[support::test]
async fn a_failing_integration_is_warned_then_paused_then_resumed(app: App) {
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "1d"}}))).await;
    let path = format!("/v1/integrations/{id}");
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    let mut notices = Vec::new();
    for _ in 0..10 {
        app.clock.advance(Duration::from_secs(24 * 3600));
        app.run_due_jobs().await;
    }
    let history = app.get(&format!("{path}/history?action=update")).await.expect(200).json;
    for row in history["items"].as_array().unwrap() {
        if row["started_by"] == "system" {
            notices.push(row["details"]["by_machine"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(notices, ["paused", "warned"]);
    let paused = app.get(&path).await.json;
    assert_members!(paused, {"state": "paused", "next_sync_at": null});
    assert_eq!(app.run_due_jobs().await, 0);

    app.tenant().edit(|file| file.applications[0].client_secret = "simulated-fresh-secret".into());
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    let resumed = app.get(&path).await.json;
    assert_eq!(resumed["state"], "active");
    assert!(resumed["next_sync_at"].is_string());
}

#[support::test]
async fn a_hanging_tenant_delays_no_other_sync(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("hardened").start().await;
    let slow = app.create().await;
    let fast = app.create_from(&app.form_of(1)).await;
    app.tenant().fault(Fault::on_management_api(Effect::Hang));
    let shutdown = CancellationToken::new();
    let worker = tokio::spawn(engine::worker::run(app.engine.clone(), shutdown.clone()));
    let mut syncs = Vec::new();
    for id in [&slow, &fast] {
        let path = format!("/v1/integrations/{id}/syncs");
        syncs.push(app.call(Method::POST, &path, &[], None).await.expect(202).json);
    }
    until(&app, &syncs[1], "succeeded").await;
    let path = format!("/v1/syncs/{}", syncs[0]["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.json["state"], "running");
    app.delete(&path).await.expect(202);
    stops(&app, &shutdown, worker).await;
}
