//! Acceptance of single findings: effects and expiry.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use support::{Answer, App, Synced, assert_members};

const MFA: &str = "check_id=mfa-never-required";
const HOUR: Duration = Duration::from_secs(3600);

pub async fn the_one(app: &App, query: &str) -> Value {
    let found = app.findings(query).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].clone()
}

fn path(finding: &Value) -> String {
    format!("/v1/findings/{}/acceptance", finding["id"].as_str().unwrap())
}

pub fn terms(reason: &str, expires_at: &Value) -> Value {
    json!({"reason": reason, "rationale": " Known. ", "expires_at": expires_at})
}

async fn accept(app: &App, finding: &Value, reason: &str, expires_at: &Value) -> Answer {
    app.call(Method::PUT, &path(finding), &[], Some(&terms(reason, expires_at))).await
}

async fn whole(app: &App, finding: &Value) -> Value {
    app.get(&format!("/v1/findings/{}", finding["id"].as_str().unwrap())).await.expect(200).json
}

pub fn kinds(whole: &Value) -> Vec<&str> {
    let all = whole["transitions"].as_array().unwrap();
    all.iter().map(|each| each["kind"].as_str().unwrap()).collect()
}

async fn asset(app: &App) -> Value {
    app.get("/v1/assets").await.expect(200).json["items"][0].clone()
}

/// (score, open findings, accepted findings).
async fn figures(app: &App) -> (u64, u64, u64) {
    let asset = asset(app).await;
    let open = asset["findings"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let one = app.get(&format!("/v1/assets/{}", asset["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one.json, asset);
    (asset["score"].as_u64().unwrap(), open, asset["accepted_findings"].as_u64().unwrap())
}

#[support::test]
async fn an_acceptance_is_set_replaced_and_revoked(Synced { app, id: integration }: Synced) {
    let history = format!("/v1/integrations/{integration}/history");
    let before = app.get(&history).await.json;
    let finding = the_one(&app, MFA).await;
    app.clock.advance(HOUR);
    let accepted = accept(&app, &finding, "false_positive", &json!(null)).await.expect(200).json;
    assert_members!(accepted, {"state": "accepted", "result": "fail"});
    let expected = json!({
        "reason": "false_positive", "rationale": "Known.", "expires_at": null,
        "accepted_by": "admin@acme.example", "accepted_at": "2026-06-15T13:00:00.000000Z",
    });
    assert_eq!(accepted["acceptance"], expected);
    assert_eq!(accepted, whole(&app, &finding).await);

    app.clock.advance(HOUR);
    let until = json!("2026-12-31T00:00:00.000000Z");
    let replaced = accept(&app, &finding, "wont_fix", &until).await.expect(200).json;
    assert_eq!(replaced["acceptance"]["expires_at"], until);
    assert_eq!(replaced["acceptance"]["accepted_at"], "2026-06-15T14:00:00.000000Z");

    app.clock.advance(HOUR);
    let open = app.delete(&path(&finding)).await.expect(200).json;
    assert_members!(open, {"state": "open", "acceptance": null});
    assert_eq!(kinds(&open), ["opened", "accepted", "accepted", "unaccepted"]);
    let last = &open["transitions"][3];
    assert_members!(last, {"by": "admin@acme.example", "reason": "wont_fix"});
    assert_members!(last, {"rationale": "Known.", "at": "2026-06-15T15:00:00.000000Z"});
    let nothing_to_do = app.delete(&path(&finding)).await.expect(200).json;
    assert_eq!(nothing_to_do, open);

    let audit: Vec<(String, String)> = sqlx::query_as(
        "select action, actor_email from audit_events where target_id = $1 order by sequence",
    )
    .bind(finding["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap())
    .fetch_all(app.pool())
    .await
    .unwrap();
    let actions: Vec<_> = audit.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["accept_finding", "accept_finding", "unaccept_finding"]);
    assert_eq!(app.get(&history).await.json, before, "no row of the history");
}

#[support::test]
async fn an_acceptance_expires(Synced { app, id: integration }: Synced) {
    let finding = the_one(&app, MFA).await;
    let (score, open, _) = figures(&app).await;
    let until = json!("2026-06-15T13:00:00.000000Z");
    accept(&app, &finding, "compensating_controls", &until).await.expect(200);
    let (better, fewer, accepted) = figures(&app).await;
    assert!(better > score, "{better} after {score}");
    assert_eq!((fewer, accepted), (open - 1, 1));
    app.clock.advance(Duration::from_micros(3_600_000_000 - 1));
    assert_eq!(the_one(&app, "state=accepted").await["id"], finding["id"]);
    assert!(app.findings(&format!("state=open&{MFA}")).await.is_empty());
    assert_eq!(app.findings("state=accepted,open").await.len() as u64, open);

    app.clock.advance(Duration::from_micros(1));
    let expired = whole(&app, &finding).await;
    assert_members!(expired, {"state": "open", "acceptance": null});
    assert!(app.findings("state=accepted").await.is_empty());
    assert_eq!(the_one(&app, &format!("state=open&{MFA}")).await["state"], "open");
    assert_eq!(figures(&app).await, (score, open, 0));
    // The next sync records it once.
    app.clock.advance(HOUR);
    let sync = app.sync(&integration).await;
    app.sync(&integration).await;
    let noted = whole(&app, &finding).await;
    assert_eq!(kinds(&noted), ["opened", "accepted", "acceptance_expired"]);
    let last = &noted["transitions"][2];
    assert_members!(last, {"by": "system", "at": until});
    assert_members!(last, {"sync_id": sync["id"], "reason": "compensating_controls"});
    assert_eq!(noted["state"], "open");
}

#[support::test]
async fn a_finding_whose_acceptance_expired_can_be_accepted_again(Synced { app, .. }: Synced) {
    let finding = the_one(&app, MFA).await;
    accept(&app, &finding, "wont_fix", &json!("2026-06-15T12:30:00Z")).await.expect(200);
    app.clock.advance(HOUR);
    let open = app.delete(&path(&finding)).await.expect(200).json;
    assert_eq!((&open["state"], kinds(&open)), (&json!("open"), vec!["opened", "accepted"]));
    let again = accept(&app, &finding, "wont_fix", &json!(null)).await.expect(200).json;
    assert_eq!(again["state"], "accepted");
    assert_eq!(kinds(&again), ["opened", "accepted", "acceptance_expired", "accepted"]);
}

#[support::test]
async fn only_what_counts_as_a_pass_raises_the_score(Synced { app, .. }: Synced) {
    let finding = the_one(&app, MFA).await;
    let (score, open, _) = figures(&app).await;
    accept(&app, &finding, "wont_fix", &json!(null)).await.expect(200);
    assert_eq!(figures(&app).await, (score, open - 1, 1));
    accept(&app, &finding, "false_positive", &json!(null)).await.expect(200);
    assert!(figures(&app).await.0 > score);
    app.delete(&path(&finding)).await.expect(200);
    assert_eq!(figures(&app).await, (score, open, 0));
    for each in app.findings("").await {
        accept(&app, &each, "compensating_controls", &json!(null)).await.expect(200);
    }
    let (best, none, accepted) = figures(&app).await;
    assert!(best > score && best <= 100, "{best}");
    assert_eq!((none, accepted), (0, open));
}

#[support::test]
async fn an_acceptance_survives_syncs_resolution_and_reopening(
    Synced { app, id: integration }: Synced,
) {
    let finding = the_one(&app, MFA).await;
    let accepted = accept(&app, &finding, "wont_fix", &json!(null)).await.expect(200).json;
    let acceptance = &accepted["acceptance"];
    app.sync(&integration).await;
    let same = the_one(&app, MFA).await;
    assert_eq!((&same["state"], &same["acceptance"]), (&json!("accepted"), acceptance));

    app.tenant().set("guardian/policies", json!(["all-applications"]));
    app.sync(&integration).await;
    let resolved = the_one(&app, &format!("state=resolved&{MFA}")).await;
    assert_eq!((&resolved["state"], &resolved["acceptance"]), (&json!("resolved"), acceptance));
    assert_eq!(figures(&app).await.2, 0);
    accept(&app, &finding, "wont_fix", &json!(null)).await.expect_problem(409, "finding_not_open");

    app.tenant().set("guardian/policies", json!([]));
    app.sync(&integration).await;
    let back = the_one(&app, &format!("state=accepted&{MFA}")).await;
    assert_eq!((&back["acceptance"], &back["reopen_count"]), (acceptance, &json!(1)));
    app.tenant().set("guardian/policies", json!(["all-applications"]));
    app.sync(&integration).await;
    let without = app.delete(&path(&finding)).await.expect(200).json;
    assert_members!(without, {"state": "resolved", "acceptance": null});
}

#[support::test]
async fn new_evidence_keeps_an_acceptance(Synced { app, id: integration }: Synced) {
    let off = json!({"enabled": true, "shields": ["block", "user_notification"], "mode":
        "count_per_identifier_and_ip", "allowlist": ["8.8.8.8"], "max_attempts": 10});
    app.tenant().set("attack-protection/brute-force-protection", off.clone());
    app.sync(&integration).await;
    let allowlist = "check_id=brute-force-allowlist-not-empty";
    let finding = the_one(&app, allowlist).await;
    accept(&app, &finding, "wont_fix", &json!(null)).await.expect(200);
    let mut longer = off;
    longer["allowlist"] = json!(["8.8.8.8", "8.8.4.4"]);
    app.tenant().set("attack-protection/brute-force-protection", longer);
    app.sync(&integration).await;
    let changed = whole(&app, &finding).await;
    assert_eq!(changed["state"], "accepted");
    assert_eq!(kinds(&changed), ["opened", "accepted", "changed"]);
}

#[support::test]
async fn roles_and_invalid_bodies_are_checked(Synced { app, .. }: Synced) {
    let finding = the_one(&app, MFA).await;
    let path = path(&finding);
    let good = terms("wont_fix", &json!(null));
    let viewer = app.token(support::ORGANISATION, "viewer");
    let stranger = app.token("globex", "admin");
    for (method, body) in [(Method::PUT, Some(&good)), (Method::DELETE, None)] {
        let refused = app.call_as(&viewer, method.clone(), &path, &[], body).await;
        refused.expect_problem(403, "forbidden");
        let hidden = app.call_as(&stranger, method.clone(), &path, &[], body).await;
        hidden.expect_problem(404, "not_found");
        for id in ["x", "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02"] {
            let nowhere = format!("/v1/findings/{id}/acceptance");
            let missing = app.call(method.clone(), &nowhere, &[], body).await;
            missing.expect_problem(404, "not_found");
        }
    }
    let bad = json!({"reason": "lazy", "rationale": "  ", "expires_at": "2026-06-15T12:00:00Z",
        "colour": 1, "accepted_by": "me"});
    let refused = app.call(Method::PUT, &format!("{path}?x=1"), &[], Some(&bad)).await;
    let refused = refused.expect_problem(422, "validation_failed");
    let expected = ["/accepted_by", "/colour", "/expires_at", "/rationale", "/reason", "x"];
    assert_eq!(refused.faults(), expected);
    let long = json!({"reason": "wont_fix", "rationale": "x".repeat(2001)});
    let refused = app.call(Method::PUT, &path, &[], Some(&long)).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), ["/rationale"]);
    app.call(Method::PUT, &path, &[], None).await.expect_problem(400, "malformed_request");
    assert_eq!(the_one(&app, MFA).await["state"], "open");
}
