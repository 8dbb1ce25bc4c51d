//! Denied requests cannot flood the audit, and its verification claims only what was verified.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use support::{App, ORGANISATION};

use super::rows::execute;

const FOREIGN: &str = "/v1/integrations/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

async fn denied(app: &App) -> Vec<Value> {
    let list = app.get("/v1/audit?limit=200&outcome=denied").await.expect(200);
    list.json["items"].as_array().unwrap().clone()
}

#[support::test]
async fn frequent_denials_are_throttled_in_the_audit_and_counted(app: App) {
    let (viewer, other) = (app.token(ORGANISATION, "viewer"), app.token("globex", "viewer"));
    let try_it = async |token: &str| {
        app.call_as(token, Method::GET, "/v1/audit", &[], None).await.expect(403);
    };
    for _ in 0..70 {
        try_it(&viewer).await;
    }
    try_it(&other).await;
    assert_eq!(denied(&app).await.len(), 60);
    app.clock.advance(Duration::from_secs(1));
    try_it(&viewer).await;
    try_it(&viewer).await;
    let rows = denied(&app).await;
    assert_eq!(rows.len(), 61);
    let expected = json!({"status": 403, "code": "forbidden", "left_out": 10});
    assert_eq!(rows[0]["details"], expected);
    assert_eq!(rows[1]["details"], json!({"status": 403, "code": "forbidden"}));
    assert_eq!(app.get("/v1/audit/verify").await.json["intact"], json!(true));
}

#[support::test]
async fn refused_changes_are_throttled_in_the_audit_and_hide_no_denial(app: App) {
    for _ in 0..70 {
        app.delete(FOREIGN).await.expect(404);
    }
    let rows = async |outcome: &str| {
        let list = app.get(&format!("/v1/audit?limit=200&outcome={outcome}")).await.expect(200);
        list.json["items"].as_array().unwrap().clone()
    };
    assert_eq!(rows("refused").await.len(), 60);
    app.clock.advance(Duration::from_secs(1));
    app.delete(FOREIGN).await.expect(404);
    let refused = rows("refused").await;
    assert_eq!((refused.len(), &refused[0]["details"]["left_out"]), (61, &json!(10)));
    let other = app.token_with(&json!({"sub": "admin@acme", "email": "a@acme.example",
        "org_id": ORGANISATION, "role": "viewer"}));
    app.call_as(&other, Method::GET, "/v1/audit", &[], None).await.expect(403);
    assert_eq!(rows("denied").await.len(), 1);
}

#[support::test]
async fn a_denied_head_is_audited_like_its_get(app: App) {
    let viewer = app.token(ORGANISATION, "viewer");
    let answer = app.call_as(&viewer, Method::HEAD, "/v1/audit", &[], None).await;
    assert_eq!(answer.status, 403);
    let rows = denied(&app).await;
    assert_eq!((rows.len(), &rows[0]["action"]), (1, &json!("list_audit")));
}

#[support::test]
async fn intact_covers_only_the_verified_events(app: App) {
    for _ in 0..3 {
        app.delete(FOREIGN).await.expect(404);
    }
    let verify = async |from: i64| {
        let found = app.get(&format!("/v1/audit/verify?from_seq={from}")).await.expect(200).json;
        ["intact", "entries", "first_seq", "last_seq"].map(|name| found[name].clone())
    };
    assert_eq!(json!(verify(1).await), json!([true, 3, 1, 3]));
    assert_eq!(json!(verify(3).await), json!([true, 1, 3, 3]));
    for beyond in [4, 5, i64::MAX] {
        assert_eq!(json!(verify(beyond).await), json!([null, 0, null, null]), "{beyond}");
    }
}

#[support::test]
async fn request_ids_cannot_become_csv_formulas(app: App) {
    let id = [("x-request-id", "x;=HYPERLINK(A1)")];
    app.call(Method::DELETE, FOREIGN, &id, None).await.expect(404);
    let csv = app.get("/v1/audit?format=csv").await.expect(200).text;
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert!(lines[0].starts_with(r#""seq","at","actor_subject","#), "{csv}");
    assert!(lines[1].contains(r#","x;=HYPERLINK(A1)","{""code"":"#), "{csv}");
}

#[support::test]
async fn a_failing_stream_is_aborted(app: App) {
    execute(
        &app,
        "insert into audit_events (organisation_id, at, actor_subject, actor_email, action, outcome,
            request_id, details, seq, previous_hash, hash)
        select 'acme', now(), 's', 'e', 'old', 'done', 'r', 'null', -n, sha256('x'), sha256('x')
        from generate_series(1, 2400) n",
    )
    .await;
    let token = format!("Bearer {}", app.token(ORGANISATION, "admin"));
    let request = Request::get("/v1/audit?format=jsonl").header("authorization", token);
    let answer = app.open(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    body.frame().await.unwrap().unwrap();
    execute(&app, "alter table audit_events rename to gone").await;
    let broken = loop {
        match body.frame().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("a part was passed off as the whole"),
        }
    };
    assert_eq!(broken.to_string(), "the body was broken off");
}

#[support::test]
async fn an_id_of_the_service_stands_beside_one_that_the_client_chose(app: App) {
    let id = [("x-request-id", "chosen")];
    for headers in [&id[..], &id[..], &[]] {
        app.call(Method::DELETE, FOREIGN, headers, None).await.expect(404);
    }
    let events = app.get("/v1/audit?outcome=refused").await.expect(200).json["items"].clone();
    let [made, second, first] = events.as_array().unwrap().as_slice() else { panic!("{events}") };
    assert_eq!(made["own_request_id"], Value::Null, "the request id is the service's own");
    for event in [first, second] {
        assert_eq!(event["request_id"], "chosen");
        assert_eq!(event["own_request_id"].as_str().map(str::len), Some(36), "{event}");
    }
    assert_ne!(first["own_request_id"], second["own_request_id"]);
    assert_eq!(app.get("/v1/audit/verify").await.json["intact"], json!(true));
    let sql = "alter table audit_events disable trigger user;
        update audit_events set own_request_id = null where seq = 1;
        alter table audit_events enable trigger user";
    sqlx::raw_sql(sql).execute(app.pool()).await.unwrap();
    let broken = app.get("/v1/audit/verify").await.json["broken_at"].clone();
    assert_eq!(broken, json!({"seq": 1, "reason": "changed"}));
}
