//! A policy takes effect with the next sync of each integration of its organisation.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::App;

const HIGH: &str = "check_id=brute-force-threshold-high";
const MFA: &str = "check_id=mfa-never-required";

async fn put(app: &App, organisation: &str, body: &Value) {
    let token = app.token(organisation, "admin");
    let headers = [("if-match", "*")];
    app.call_as(&token, Method::PUT, "/v1/policy", &headers, Some(body)).await.expect(200);
}

async fn kinds(app: &App, finding: &Value) -> Vec<String> {
    let path = format!("/v1/findings/{}", finding["id"].as_str().unwrap());
    let whole = app.get(&path).await.expect(200).json;
    let all = whole["transitions"].as_array().unwrap();
    all.iter().map(|each| each["kind"].as_str().unwrap().to_owned()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_stricter_number_opens_a_finding_and_taking_it_back_resolves_it(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    app.sync(&id).await;
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
    assert_eq!((&resolved["id"], &resolved["state"]), (&opened["id"], &json!("resolved")));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn another_severity_changes_the_finding_and_the_score_and_opens_none(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    app.sync(&id).await;
    let (before, score) = (app.findings(MFA).await[0].clone(), score(&app).await);
    put(&app, "acme", &json!({"severities": {"mfa-never-required": "info"}})).await;
    let sync = app.sync(&id).await;
    assert_eq!(
        (&sync["findings"]["opened"], &sync["findings"]["resolved"]),
        (&json!(0), &json!(0))
    );
    let after = app.findings(MFA).await;
    assert_eq!((after.len(), &after[0]["id"]), (1, &before["id"]));
    assert_eq!((&before["severity"], &after[0]["severity"]), (&json!("high"), &json!("info")));
    assert_eq!(after[0]["open_since"], before["open_since"]);
    assert_eq!(kinds(&app, &before).await, ["opened", "changed"]);
    assert!(self::score(&app).await > score);
}

async fn score(app: &App) -> u64 {
    app.get("/v1/assets").await.expect(200).json["items"][0]["score"].as_u64().unwrap()
}
