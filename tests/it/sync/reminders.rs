//! Reminders that a client secret expires.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{App, assert_members};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Saved at noon, 40 days before its secret expires.
async fn saved(app: &App) -> String {
    let form = app.form_with(&json!({"client_secret_expires_at": "2026-07-25T12:00:00Z",
        "auto_sync_frequency": "manual"}));
    app.create_from(&form).await
}

/// The stages that were told, oldest first.
async fn reminders_of(app: &App, id: &str) -> Vec<Value> {
    let path = format!("/v1/integrations/{id}/history?action=update");
    let rows = app.get(&path).await.expect(200).json["items"].as_array().unwrap().clone();
    let machine = rows.iter().filter(|row| row["details"]["by_machine"] == "secret_expires");
    let mut days: Vec<Value> = machine
        .inspect(|row| assert_eq!(row["started_by"], "system"))
        .map(|row| row["details"]["days"].clone())
        .collect();
    days.reverse();
    days
}

async fn reminder(app: &App, id: &str) -> Value {
    let integration = app.integration(id).await;
    integration["client_secret"]["reminder"].clone()
}

#[support::test]
async fn each_reminder_stage_is_recorded_once_and_shown(app: App) {
    let id = saved(&app).await;
    let mut shown = Vec::new();
    for _ in 0..45 {
        app.run_due_jobs().await;
        app.run_due_jobs().await;
        shown.push(reminder(&app, &id).await["days"].clone());
        app.clock.advance(DAY);
    }
    assert_eq!(reminders_of(&app, &id).await, [30, 14, 7, 1, 0]);
    let expected: Vec<Value> = (0..45)
        .map(|day| match 40 - day {
            31.. => Value::Null,
            15..=30 => json!(30),
            8..=14 => json!(14),
            2..=7 => json!(7),
            1 => json!(1),
            _ => json!(0),
        })
        .collect();
    assert_eq!(shown, expected);
    assert_eq!(
        reminder(&app, &id).await,
        json!({"days": 0, "since": "2026-07-25T12:00:00.000000Z"})
    );
    let etag = app.get(&format!("/v1/integrations/{id}")).await;
    assert_eq!(etag.header("etag"), "\"1\"");
}

#[support::test]
async fn missed_reminders_are_recorded_once_and_restart_with_a_new_secret_or_expiry(app: App) {
    let id = saved(&app).await;
    let path = format!("/v1/integrations/{id}");
    app.clock.advance(36 * DAY);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7], "30 and 14 were missed");
    app.patch(&path, "*", &json!({"name": "Another"})).await.expect(200);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7]);

    // Four days before the end: another secret that expires at the same time, then later.
    let secret = app.form()["client_secret"].clone();
    app.patch(&path, "*", &json!({"client_secret": secret})).await.expect(200);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7, 7]);
    let later = json!({"client_secret_expires_at": "2026-08-25T12:00:00Z"});
    app.patch(&path, "*", &later).await.expect(200);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7, 7]);
    assert_eq!(reminder(&app, &id).await, json!(null));
    app.clock.advance(5 * DAY);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7, 7, 30]);
    app.patch(&path, "*", &json!({"client_secret_expires_at": null})).await.expect(200);
    app.clock.advance(60 * DAY);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7, 7, 30]);
}

#[support::test]
async fn a_next_secret_that_took_its_place_has_reminders_of_its_own(app: App) {
    let id = saved(&app).await;
    app.clock.advance(36 * DAY);
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7]);
    let next = json!({"client_secret": "next", "client_secret_expires_at": "2026-08-10T12:00:00Z"});
    let path = format!("/v1/integrations/{id}/next-secret");
    app.call(Method::PUT, &path, &[], Some(&next)).await.expect(200);
    app.tenant().edit(|file| file.applications[0].client_secret = "next".into());
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    app.run_due_jobs().await;
    assert_eq!(reminders_of(&app, &id).await, [7, 30]);
}

#[support::test]
async fn disabled_and_paused_integrations_have_reminders_and_deleted_ones_do_not(pool: PgPool) {
    let app = App::builder(pool.clone()).tenant("fresh").tenant("weak").tenant("hardened");
    let app = app.start().await;
    let mut ids = Vec::new();
    for index in 0..3 {
        let mut form = app.form_of(index);
        form["asset_name"] = json!(format!("asset {index}"));
        form["client_secret_expires_at"] = json!("2026-07-25T12:00:00Z");
        form["auto_sync_frequency"] = json!("manual");
        ids.push(app.create_from(&form).await);
    }
    let path = |index: usize| format!("/v1/integrations/{}", ids[index]);
    app.patch(&path(0), "*", &json!({"enabled": false})).await.expect(200);
    let sql = "update integrations set paused_at = created_at where id = $1";
    sqlx::query(sql).bind(ids[1].parse::<uuid::Uuid>().unwrap()).execute(&pool).await.unwrap();
    app.delete(&path(2)).await.expect(204);
    app.clock.advance(50 * DAY);
    let other = App::builder(pool).keys_of(&app).start().await;
    tokio::join!(app.run_due_jobs(), other.run_due_jobs());
    assert_eq!(reminders_of(&app, &ids[0]).await, [0]);
    assert_eq!(reminders_of(&app, &ids[1]).await, [0]);
    assert!(reminders_of(&app, &ids[2]).await.is_empty());
    let deleted = app.get(&path(2)).await.expect(200).json;
    assert_eq!(deleted["client_secret"]["reminder"], json!(null));
}

/// What the stream of a sync told of an expiry: the event before and the data.
fn told_in_stream(events: &[(u64, String, Value)]) -> Vec<(String, Value)> {
    let at = |index: usize| events[index - 1].2["state"].as_str().unwrap_or("").to_owned();
    let told = events.iter().enumerate().filter(|(_, event)| event.1 == "secret_expires");
    told.map(|(index, event)| (at(index), event.2.clone())).collect()
}

#[support::test]
async fn the_event_stream_reports_the_expiry_of_the_secret_in_use(app: App) {
    let id = saved(&app).await;
    let stream = async |sync: &Value| {
        let path = format!("/v1/syncs/{}/events", sync["id"].as_str().unwrap());
        told_in_stream(&app.get(&path).await.expect(200).events())
    };
    assert_eq!(stream(&app.sync(&id).await).await, [], "the expiry is 40 days away");

    app.clock.advance(27 * DAY);
    let told = stream(&app.sync(&id).await).await;
    let expected = json!({"days": 14, "since": "2026-07-11T12:00:00.000000Z", "next_set": false,
        "expires_at": "2026-07-25T12:00:00.000000Z", "at": "2026-07-12T12:00:00.000000Z",
        "message": "The client secret expires at 2026-07-25T12:00:00Z: within 14 days. \
            Put a next secret, which takes its place when Auth0 refuses it."});
    assert_eq!(told, [("running".to_owned(), expected)]);

    // Expired, refused, and another one waits: told of the sync that puts it in its place, once.
    let next = json!({"client_secret": "n3xt", "client_secret_expires_at": "2027-01-31T00:00:00Z"});
    let path = format!("/v1/integrations/{id}/next-secret");
    app.call(Method::PUT, &path, &[], Some(&next)).await.expect(200);
    app.tenant().edit(|file| file.applications[0].client_secret = "n3xt".into());
    app.clock.advance(14 * DAY);
    let sync = app.sync(&id).await;
    assert_eq!(sync["state"], "succeeded");
    let told = stream(&sync).await;
    assert_eq!(told.len(), 1);
    assert_members!(told[0].1, {"days": 0, "next_set": true});
    let message = told[0].1["message"].as_str().unwrap();
    assert!(message.starts_with("The client secret expired at 2026-07-25T12:00:00Z. "));
    assert_eq!(stream(&app.sync(&id).await).await, [], "the new one expires next year");
}

#[support::test]
async fn the_stream_of_a_sync_that_an_expired_secret_fails_says_that_it_expired(app: App) {
    let id = saved(&app).await;
    app.clock.advance(41 * DAY);
    app.tenant().edit(|file| file.applications[0].client_secret = "another".into());
    let sync = app.sync(&id).await;
    assert_eq!(sync["failure"]["code"], "invalid_client");
    let path = format!("/v1/syncs/{}/events", sync["id"].as_str().unwrap());
    let events = app.get(&path).await.expect(200).events();
    let told: Vec<_> = events.iter().map(|event| event.1.as_str()).collect();
    assert_eq!(told, ["state", "state", "secret_expires", "state"]);
    assert_eq!(events[2].2["days"], 0);
}
