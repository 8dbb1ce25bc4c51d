//! A policy takes effect with the next sync of each integration of its organisation.

use http::Method;
use serde_json::{Value, json};
use support::{App, Saved, Synced, assert_members};

const HIGH: &str = "check_id=brute-force-threshold-high";
const MFA: &str = "check_id=mfa-never-required";

async fn put(app: &App, organisation: &str, body: &Value) {
    let token = app.token(organisation, "admin");
    let headers = [("if-match", "*")];
    app.call_as(&token, Method::PUT, "/v1/policy", &headers, Some(body)).await.expect(200);
}

async fn transitions(app: &App, finding: &Value) -> Vec<Value> {
    let path = format!("/v1/findings/{}", finding["id"].as_str().unwrap());
    let whole = app.get(&path).await.expect(200).json;
    whole["transitions"].as_array().unwrap().clone()
}

/// Of each transition what happened and why.
fn causes(transitions: &[Value]) -> Value {
    transitions.iter().map(|each| json!([each["kind"], each["cause"]])).collect()
}

#[support::test]
async fn a_stricter_threshold_opens_a_finding_and_its_removal_resolves_it(
    Synced { app, id }: Synced,
) {
    assert_eq!(app.findings(HIGH).await.len(), 0);
    let stricter = json!({"thresholds": {"brute-force-threshold-high": {"max_attempts": 8}}});
    // That of another organisation is no concern of this one.
    put(&app, "umbrella", &stricter).await;
    assert_eq!(app.sync(&id).await["findings"]["opened"], 0);

    put(&app, "acme", &stricter).await;
    assert_eq!(app.findings(HIGH).await.len(), 0, "until the next sync all stays as it was");
    assert_eq!(app.sync(&id).await["findings"]["opened"], 1);
    let opened = app.findings(HIGH).await[0].clone();
    assert_eq!(opened["evidence"][0]["expected"], json!({"at_most": 8}));
    assert_eq!(opened["remediation"]["api_call"]["body"], json!({"max_attempts": 8}));
    assert_eq!(opened["remediation"]["undo_call"]["body"], json!({"max_attempts": 10}));
    assert_eq!(app.sync(&id).await["findings"]["unchanged"].as_u64().map(|n| n > 0), Some(true));

    put(&app, "acme", &json!({})).await;
    assert_eq!(app.sync(&id).await["findings"]["resolved"], 1);
    let resolved = app.findings(HIGH).await[0].clone();
    assert_members!(resolved, {"id": opened["id"], "state": "resolved"});

    // It does not look as if the tenant were fixed.
    let lived = transitions(&app, &opened).await;
    let by_policy = json!([["opened", "policy_changed"], ["resolved", "policy_changed"]]);
    assert_eq!(causes(&lived), by_policy);
    let (before, after) = (&lived[1]["before"][0], &lived[1]["after"][0]);
    assert_members!(before, {"found": 10, "expected": {"at_most": 8}});
    assert_members!(after, {"found": 10, "expected": {"at_most": 10}});
}

#[support::test]
async fn a_change_of_the_tenant_is_not_attributed_to_a_concurrent_policy_change(
    Saved { app, id }: Saved,
) {
    let attempts = |n: u32| {
        let body = json!({"enabled": true, "shields": ["block", "user_notification"],
            "allowlist": [], "mode": "count_per_identifier", "max_attempts": n});
        app.tenant().set("attack-protection/brute-force-protection", body);
    };
    attempts(20);
    app.sync(&id).await;
    let found = app.findings(HIGH).await[0].clone();
    put(&app, "acme", &json!({"thresholds": {"brute-force-threshold-high": {"max_attempts": 8}}}))
        .await;
    attempts(5);
    app.sync(&id).await;
    let lived = transitions(&app, &found).await;
    assert_eq!(causes(&lived), json!([["opened", null], ["resolved", null]]));
    let after = &lived[1]["after"][0];
    assert_members!(after, {"found": 5, "expected": {"at_most": 8}});
}

#[support::test]
async fn each_sync_says_by_which_version_of_the_policy_it_judged(Saved { app, id }: Saved) {
    assert_eq!(app.sync(&id).await["policy_version"], 0);
    put(&app, "acme", &json!({"severities": {"mfa-never-required": "info"}})).await;
    assert_eq!(app.sync(&id).await["policy_version"], 1);
    let history = app.get(&format!("/v1/integrations/{id}/history?action=sync")).await.json;
    assert_eq!(history["items"][0]["details"]["policy_version"], 1);
    let asset = app.get("/v1/assets").await.json["items"][0]["id"].clone();
    let path = format!("/v1/assets/{}/score-history", asset.as_str().unwrap());
    let points = app.get(&path).await.expect(200).json;
    let points = points["items"].as_array().unwrap().iter();
    let versions: Vec<_> = points.map(|point| &point["policy_version"]).collect();
    assert_eq!(versions, [&json!(1), &json!(0)]);
    // Without anything to judge there is no policy.
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(app.sync(&id).await["policy_version"], json!(null));
}

#[support::test]
async fn another_severity_changes_the_finding_and_the_score_and_opens_none(
    Synced { app, id }: Synced,
) {
    let (before, score) = (app.findings(MFA).await[0].clone(), score(&app).await);
    put(&app, "acme", &json!({"severities": {"mfa-never-required": "info"}})).await;
    let sync = app.sync(&id).await;
    assert_members!(sync["findings"], {"opened": 0, "resolved": 0});
    let after = app.findings(MFA).await;
    assert_eq!((after.len(), &after[0]["id"]), (1, &before["id"]));
    assert_eq!((&before["severity"], &after[0]["severity"]), (&json!("high"), &json!("info")));
    assert_eq!(after[0]["open_since"], before["open_since"]);
    let lived = transitions(&app, &before).await;
    assert_eq!(causes(&lived), json!([["opened", null], ["changed", "policy_changed"]]));
    assert!(self::score(&app).await > score);
}

async fn score(app: &App) -> u64 {
    app.get("/v1/assets").await.expect(200).json["items"][0]["score"].as_u64().unwrap()
}
