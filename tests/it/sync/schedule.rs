//! Scheduled syncs on the manual clock.

use serde_json::json;
use std::time::Duration;
use support::{App, assert_members};

#[support::test]
async fn a_due_integration_syncs_automatically_as_system(app: App) {
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "15m"}}))).await;
    app.clock.advance(Duration::from_secs(14 * 60));
    assert_eq!(app.run_due_jobs().await, 0);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(app.run_due_jobs().await, 1);
    let read = app.integration(&id).await;
    assert_eq!(read["last_sync"]["state"], "succeeded");
    let sync =
        app.get(&format!("/v1/syncs/{}", read["last_sync"]["id"].as_str().unwrap())).await.json;
    assert_members!(sync, {"trigger": "scheduled", "started_by": "system"});
    let row = &app.history(&id).await[0];
    assert_members!(row, {"action": "sync", "started_by": "system"});
}

#[support::test]
async fn missed_slots_run_once(app: App) {
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "15m"}}))).await;
    app.clock.advance(Duration::from_secs(10 * 3600));
    assert_eq!(app.run_due_jobs().await, 1);
    assert_eq!(app.run_due_jobs().await, 0);
    let history = app.get(&format!("/v1/integrations/{id}/history")).await.json;
    let syncs = history["items"].as_array().unwrap().iter().filter(|row| row["action"] == "sync");
    assert_eq!(syncs.count(), 1);
}

#[support::test]
async fn a_manual_integration_never_syncs_automatically(app: App) {
    let id = app.create_from(&app.form_with(&json!({"auto_sync_frequency": "manual"}))).await;
    app.clock.advance(Duration::from_secs(365 * 24 * 3600));
    assert_eq!(app.run_due_jobs().await, 0);
    let read = app.integration(&id).await;
    assert_members!(read, {"next_sync_at": null, "auto_sync_frequency": "manual"});
    assert_eq!(read["stale"], true);
}

#[support::test]
async fn findings_and_assets_turn_stale_when_nothing_is_read(app: App) {
    let id =
        app.create_from(&app.form_with(&json!({"auto_sync_frequency": {"every": "1d"}}))).await;
    app.sync(&id).await;
    app.clock.advance(Duration::from_secs(48 * 3600));
    assert_eq!(app.get("/v1/assets").await.json["items"][0]["stale"], false);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(app.get("/v1/assets").await.json["items"][0]["stale"], true);
    assert!(app.findings("").await.iter().all(|finding| finding["stale"] == true));
}
