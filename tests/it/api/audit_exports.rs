//! Exports leave an event: who, which filter, how many rows.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use support::{App, ORGANISATION, Synced, assert_members};

/// The newest event of this action, once it is written.
async fn newest(app: &App, action: &str) -> Value {
    app.engine.flush_audits().await;
    let list = app.get(&format!("/v1/audit?limit=1&action={action}")).await.expect(200);
    list.json["items"][0].clone()
}

#[support::test]
async fn each_export_leaves_who_what_and_how_many_rows(Synced { app, .. }: Synced) {
    let viewer = app.token(ORGANISATION, "viewer");
    let path = "/v1/findings/export?format=jsonl&severity=high,medium";
    let file = app.call_as(&viewer, Method::GET, path, &[], None).await.expect(200);
    let rows = file.text.lines().count();
    assert!(rows > 0);
    let event = newest(&app, "export_findings").await;
    assert_members!(event, {"actor_subject": "viewer@acme", "outcome": "done", "target": null});
    let query = "format=jsonl&severity=high%2Cmedium";
    assert_eq!(event["details"], json!({"query": query, "rows": rows, "complete": true}));
    let file = app.get("/v1/audit?format=jsonl&outcome=done").await.expect(200);
    let event = newest(&app, "list_audit").await;
    let details = json!({"query": "format=jsonl&outcome=done", "rows": file.text.lines().count(), "complete": true});
    assert_eq!(event["details"], details);
    assert_eq!(app.get("/v1/audit/verify").await.json["intact"], json!(true));
}

#[support::test]
async fn an_export_that_is_broken_off_leaves_an_event_too(Synced { app, .. }: Synced) {
    super::rows::clone_findings(&app, 1600).await;
    let token = format!("Bearer {}", app.token(ORGANISATION, "viewer"));
    let request = Request::get("/v1/findings/export").header("authorization", token);
    drop(app.open(request.body(Body::empty()).unwrap()).await);
    // The producer sees that its reader is gone.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let event = newest(&app, "export_findings").await;
    assert_eq!(event["details"]["complete"], json!(false), "{event}");
}
