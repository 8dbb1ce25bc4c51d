//! Bulk acceptance of findings.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use support::{App, Synced};

use super::acceptance::{kinds, terms, the_one};

const PATH: &str = "/v1/findings/bulk-acceptance";
const NOBODYS: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

fn bulk(ids: &[Value], reason: &str) -> Value {
    let mut body = terms(reason, &json!(null));
    body["finding_ids"] = json!(ids);
    body
}

async fn audited(app: &App) -> i64 {
    sqlx::query_scalar("select count(*) from audit_events where action = 'accept_finding'")
        .fetch_one(app.pool())
        .await
        .unwrap()
}

#[support::test]
async fn each_finding_has_its_result_in_the_order_asked(Synced { app, id: integration }: Synced) {
    app.tenant().set("guardian/policies", json!(["all-applications"]));
    app.clock.advance(Duration::from_secs(60));
    app.sync(&integration).await;
    let resolved = the_one(&app, "check_id=mfa-never-required").await["id"].clone();
    let open = app.findings("state=open").await;
    let (one, two) = (&open[0]["id"], &open[1]["id"]);
    let ids = [two.clone(), json!(NOBODYS), resolved.clone(), one.clone(), two.clone()];
    let answer = app.post(PATH, &bulk(&ids, "false_positive")).await.expect(200).json;
    let expected = json!({"results": [
        {"finding_id": two, "status": 200, "code": null},
        {"finding_id": NOBODYS, "status": 404, "code": "not_found"},
        {"finding_id": resolved, "status": 409, "code": "finding_not_open"},
        {"finding_id": one, "status": 200, "code": null},
        {"finding_id": two, "status": 200, "code": null},
    ]});
    assert_eq!(answer, expected);
    assert_eq!(app.findings("state=accepted").await.len(), 2);
    assert_eq!(app.findings("state=open").await.len(), open.len() - 2);
    let path = format!("/v1/findings/{}", two.as_str().unwrap());
    let whole = app.get(&path).await.expect(200).json;
    assert_eq!(whole["acceptance"]["accepted_by"], "admin@acme.example");
    assert_eq!(kinds(&whole), ["opened", "accepted"], "twice in the list is once in its life");
    assert_eq!(audited(&app).await, 2, "a row of the audit for each");
}

#[support::test]
async fn nothing_of_another_organisation_is_accepted(Synced { app, .. }: Synced) {
    let finding = the_one(&app, "check_id=mfa-never-required").await;
    let body = bulk(&[finding["id"].clone()], "wont_fix");
    let stranger = app.token("globex", "admin");
    let answer = app.call_as(&stranger, Method::POST, PATH, &[], Some(&body)).await.expect(200);
    assert_eq!(answer.json["results"][0]["status"], 404);
    let viewer = app.token(support::ORGANISATION, "viewer");
    let refused = app.call_as(&viewer, Method::POST, PATH, &[], Some(&body)).await;
    refused.expect_problem(403, "forbidden");
    assert!(app.findings("state=accepted").await.is_empty());
    app.get(PATH).await.expect_problem(405, "method_not_allowed");
}

#[support::test]
async fn bulk_acceptance_takes_at_most_500_ids_and_reports_all_faults(Synced { app, .. }: Synced) {
    let many = vec![json!(NOBODYS); 500];
    let answer = app.post(PATH, &bulk(&many, "wont_fix")).await.expect(200);
    assert_eq!(answer.json["results"].as_array().unwrap().len(), 500);
    for (ids, expected) in [
        (json!(vec![NOBODYS; 501]), vec!["/finding_ids"]),
        (json!([]), vec!["/finding_ids"]),
        (json!(null), vec!["/finding_ids"]),
        (json!([NOBODYS, "x", 1]), vec!["/finding_ids/1", "/finding_ids/2"]),
    ] {
        let mut body = bulk(&[], "wont_fix");
        body["finding_ids"] = ids;
        let refused = app.post(PATH, &body).await.expect_problem(422, "validation_failed");
        assert_eq!(refused.faults(), expected);
    }
    let bad = json!({"finding_ids": "x", "reason": 1, "rationale": null, "expires_at": 1, "x": 1});
    let refused = app.post(PATH, &bad).await.expect_problem(422, "validation_failed");
    assert_eq!(refused.faults(), ["/expires_at", "/finding_ids", "/rationale", "/reason", "/x"]);
}

#[support::test]
async fn an_idempotency_key_accepts_once(Synced { app, .. }: Synced) {
    let finding = the_one(&app, "check_id=mfa-never-required").await;
    let body = bulk(&[finding["id"].clone()], "wont_fix");
    let key = [("idempotency-key", "bulk-1")];
    let first = app.call(Method::POST, PATH, &key, Some(&body)).await.expect(200);
    let path = format!("/v1/findings/{}/acceptance", finding["id"].as_str().unwrap());
    app.delete(&path).await.expect(200);
    let again = app.call(Method::POST, PATH, &key, Some(&body)).await.expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.text), ("true", &first.text));
    assert!(app.findings("state=accepted").await.is_empty(), "it was answered, not done again");
}
