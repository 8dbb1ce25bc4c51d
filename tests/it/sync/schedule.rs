//! Scheduled syncs on the manual clock.

use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use support::App;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_due_integration_syncs_automatically_as_system(pool: PgPool) {
    let app = App::start(pool).await;
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "15m"}}))).await;
    app.clock.advance(Duration::from_secs(14 * 60));
    assert_eq!(app.run_due_jobs().await, 0);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(app.run_due_jobs().await, 1);
    let read = app.get(&format!("/v1/integrations/{id}")).await.json;
    assert_eq!(read["last_sync"]["state"], "succeeded");
    let sync =
        app.get(&format!("/v1/syncs/{}", read["last_sync"]["id"].as_str().unwrap())).await.json;
    assert_eq!((&sync["trigger"], &sync["started_by"]), (&json!("scheduled"), &json!("system")));
    let row = &app.get(&format!("/v1/integrations/{id}/history")).await.json["items"][0];
    assert_eq!((&row["action"], &row["started_by"]), (&json!("sync"), &json!("system")));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn missed_slots_run_once(pool: PgPool) {
    let app = App::start(pool).await;
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "15m"}}))).await;
    app.clock.advance(Duration::from_secs(10 * 3600));
    assert_eq!(app.run_due_jobs().await, 1);
    assert_eq!(app.run_due_jobs().await, 0);
    let history = app.get(&format!("/v1/integrations/{id}/history")).await.json;
    let syncs = history["items"].as_array().unwrap().iter().filter(|row| row["action"] == "sync");
    assert_eq!(syncs.count(), 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_manual_integration_never_syncs_automatically(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create_from(&app.form_with(&json!({"auto_sync_frequency": "manual"}))).await;
    app.clock.advance(Duration::from_secs(365 * 24 * 3600));
    assert_eq!(app.run_due_jobs().await, 0);
    let read = app.get(&format!("/v1/integrations/{id}")).await.json;
    assert_eq!(
        (&read["next_sync_at"], &read["auto_sync_frequency"]),
        (&json!(null), &json!("manual"))
    );
    assert_eq!(read["stale"], true);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn findings_and_assets_turn_stale_when_nothing_is_read(pool: PgPool) {
    let app = App::start(pool).await;
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "1d"}}))).await;
    app.sync(&id).await;
    app.clock.advance(Duration::from_secs(48 * 3600));
    assert_eq!(app.get("/v1/assets").await.json["items"][0]["stale"], false);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(app.get("/v1/assets").await.json["items"][0]["stale"], true);
    assert!(app.findings("").await.iter().all(|finding| finding["stale"] == true));
}
