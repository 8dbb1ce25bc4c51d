//! Checks that the policy disables: they do not run, nobody resolves their findings, and those come back.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use support::{App, Synced, assert_members, item};

const CHECK: &str = "breached-password-detection-off";

async fn put_policy(app: &App, disabled: &Value) {
    let body = json!({"disabled": disabled});
    app.call(Method::PUT, "/v1/policy", &[("if-match", "*")], Some(&body)).await.expect(200);
}

async fn sync_later(app: &App, id: &str) -> Value {
    app.clock.advance(Duration::from_secs(3600));
    app.sync(id).await
}

async fn of_check(app: &App, query: &str) -> Vec<Value> {
    app.findings(&format!("check_id={CHECK}&{query}")).await
}

async fn counts(app: &App) -> (u64, Value) {
    let asset = app.get("/v1/assets").await.expect(200).json["items"][0].clone();
    let counts = asset["findings"].as_object().unwrap();
    (counts.values().map(|count| count.as_u64().unwrap()).sum(), asset["score"].clone())
}

#[support::test]
async fn a_disabled_check_hides_its_finding_until_it_runs_again(Synced { app, id }: Synced) {
    let (before, present) = (of_check(&app, "state=open").await, counts(&app).await);
    assert_eq!(before.len(), 1, "the check fails");
    let entry = json!({"check_id": CHECK, "reason": "An external service does it."});
    put_policy(&app, &json!([entry])).await;
    assert_eq!(of_check(&app, "state=open").await.len(), 1, "until the next sync");

    let sync = sync_later(&app, &id).await;
    assert_eq!(
        (&sync["findings"]["resolved"], &sync["findings"]["opened"]),
        (&json!(0), &json!(0))
    );
    assert!(of_check(&app, "state=open").await.is_empty());
    let hidden = of_check(&app, "").await;
    assert_members!(hidden[0], {"id": before[0]["id"], "state": "open", "disabled_by_policy": true,
        "result": "not_applicable", "result_reason": "disabled_by_policy", "resolved_at": null, "priority": 0});
    assert_eq!(counts(&app).await.0, present.0 - 1);
    let coverage = app.get(&format!("/v1/integrations/{id}/coverage")).await.expect(200).json;
    let line = item(&coverage["checks"], "check_id", CHECK);
    assert_members!(line, {"result": "not_enabled", "reason": "disabled_by_policy", "scopes": []});
    let checks = app.get("/v1/checks?limit=200").await.expect(200).json;
    let shown = &item(&checks["items"], "id", CHECK)["disabled"];
    assert_members!(shown, {"reason": entry["reason"], "expires_at": null});
    let path = format!("/v1/findings/{}/acceptance", before[0]["id"].as_str().unwrap());
    let accept = json!({"reason": "wont_fix", "rationale": "x", "expires_at": null});
    app.call(Method::PUT, &path, &[], Some(&accept)).await.expect_problem(409, "finding_not_open");

    put_policy(&app, &json!([])).await;
    let sync = sync_later(&app, &id).await;
    assert_eq!(
        (&sync["findings"]["reopened"], &sync["findings"]["opened"]),
        (&json!(0), &json!(0))
    );
    let after = of_check(&app, "state=open").await;
    assert_members!(after[0], {"id": before[0]["id"], "open_since": before[0]["open_since"], "reopen_count": 0,
        "disabled_by_policy": false, "result": "fail", "priority": before[0]["priority"]});
    assert_eq!(counts(&app).await, present);
}

#[support::test]
async fn a_check_runs_again_after_the_end_that_the_policy_gives(Synced { app, id }: Synced) {
    let end = app.now() + Duration::from_secs(5400);
    put_policy(&app, &json!([{"check_id": CHECK, "reason": "x", "expires_at": end.to_string()}]))
        .await;
    sync_later(&app, &id).await;
    assert!(of_check(&app, "state=open").await.is_empty());
    sync_later(&app, &id).await;
    assert_eq!(of_check(&app, "state=open").await.len(), 1);
}

#[support::test]
async fn a_preview_closes_the_findings_of_disabled_checks(Synced { app, .. }: Synced) {
    let body = json!({"disabled": [{"check_id": CHECK, "reason": "x"}]});
    let preview = app.post("/v1/policy/preview", &body).await.expect(200).json;
    let closed = preview["items"][0]["would_close"].as_array().unwrap();
    assert!(closed.iter().any(|change| change["check_id"] == CHECK), "{closed:#?}");
}
