//! Every changing operation is called once and must be audited. A new operation that is missing here fails
//! the test.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request};
use serde_json::{Value, json};
use support::{App, ORGANISATION, Synced};

use super::acceptance::terms;
use super::credentials::{PATH, create, token_of};

fn changes() -> BTreeSet<String> {
    let changing = api::operations().iter().filter(|operation| operation.is_write());
    changing.map(|operation| operation.id.clone()).collect()
}

async fn everything(app: &App, integration: &str) {
    let call = async |method: &str, path: &str, body: Option<Value>| {
        let method = method.parse::<Method>().unwrap();
        let answer = app.call(method, path, &[("if-match", "*")], body.as_ref()).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        answer.json
    };
    let at = format!("/v1/integrations/{integration}");
    let credential = create(app, "viewer").await;
    token_of(app, &credential).await;
    call("DELETE", &format!("{PATH}/{}", credential.id), None).await;
    let policy = json!({"severities": {"mfa-never-required": "info"}});
    call("PUT", "/v1/policy", Some(policy)).await;

    let findings = app.findings("state=open").await;
    let id = |index: usize| findings[index]["id"].as_str().unwrap();
    let acceptance = format!("/v1/findings/{}/acceptance", id(0));
    call("PUT", &acceptance, Some(terms("wont_fix", &Value::Null))).await;
    call("DELETE", &acceptance, None).await;
    let mut bulk = terms("wont_fix", &Value::Null);
    bulk["finding_ids"] = json!([id(1)]);
    call("POST", "/v1/findings/bulk-acceptance", Some(bulk)).await;

    call("POST", "/v1/connection-tests", Some(app.form())).await;
    call("POST", &format!("{at}/connection-tests"), Some(json!({}))).await;
    call("PATCH", &at, Some(json!({"name": "New"}))).await;
    let next = format!("{at}/next-secret");
    call("PUT", &next, Some(json!({"client_secret": "another"}))).await;
    call("DELETE", &next, None).await;
    let sync = call("POST", &format!("{at}/syncs"), None).await;
    call("DELETE", &format!("/v1/syncs/{}", sync["id"].as_str().unwrap()), None).await;
    call("DELETE", &at, None).await;
}

#[support::test]
async fn every_changing_operation_is_audited(Synced { app, id: integration }: Synced) {
    everything(&app, &integration).await;
    app.engine.flush_audits().await;
    let sql = "select action, count(*) from audit_events
        where outcome = 'done' group by action";
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(app.pool()).await.unwrap();
    let mut expected = changes();
    // It is audited as one event for each accepted finding.
    assert!(expected.remove("bulk_accept_findings"));
    let found: BTreeSet<String> = rows.iter().map(|(action, _)| action.clone()).collect();
    assert_eq!(found, expected);
    for (action, count) in rows {
        let twice = ["accept_finding", "start_sync"].contains(&action.as_str());
        assert_eq!(count, if twice { 2 } else { 1 }, "{action}");
    }
    assert_eq!(app.get("/v1/audit/verify").await.expect(200).json["intact"], json!(true));
}

#[support::test]
async fn each_row_says_who_asked_from_where_and_in_which_request(app: App) {
    let credential = create(&app, "viewer").await;
    let policy = json!({"severities": {"mfa-never-required": "info"}}).to_string();
    let foreign = "/v1/integrations/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
    let bearer = |role| format!("Bearer {}", app.token(ORGANISATION, role));
    let subject = format!("credential:{}", credential.id);
    for (authorization, method, path, body, outcome, who) in [
        (bearer("admin"), "PUT", "/v1/policy", &*policy, "done", "admin@acme"),
        (bearer("admin"), "DELETE", foreign, "", "refused", "admin@acme"),
        (bearer("viewer"), "DELETE", foreign, "", "denied", "viewer@acme"),
        (credential.basic(), "POST", "/v1/token", "", "done", &subject),
    ] {
        let peer: SocketAddr = "203.0.113.9:4711".parse().unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", authorization)
            .header("content-type", "application/json")
            .header("if-match", "*")
            .header("x-request-id", format!("{method}-{outcome}"))
            .extension(ConnectInfo(peer));
        app.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        let row = app.get("/v1/audit?limit=1").await.expect(200).json["items"][0].clone();
        let told =
            ["outcome", "actor_subject", "source_address", "source_port", "request_id", "at"];
        let told = told.map(|name| row[name].clone());
        let request_id = format!("{method}-{outcome}");
        let now = domain::clock::rfc3339(app.now());
        assert_eq!(json!(told), json!([outcome, who, "203.0.113.9", 4711, request_id, now]));
    }
}
