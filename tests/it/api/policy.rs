//! The policy: reading, conditional replacement, and validation.

use http::Method;
use serde_json::{Value, json};
use support::{Answer, App, assert_members};

const PATH: &str = "/v1/policy";

async fn put(app: &App, etag: &str, body: &Value) -> Answer {
    app.call(Method::PUT, PATH, &[("if-match", etag)], Some(body)).await
}

fn stricter() -> Value {
    json!({
        "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
        "severities": {"support-contact-missing": "low"},
    })
}

#[support::test]
async fn a_policy_is_empty_until_set_and_follows_its_etag(app: App) {
    let never = app.get(PATH).await.expect(200);
    let empty = json!({"version": 0, "thresholds": {}, "severities": {}, "disabled": [],
        "updated_at": null, "updated_by": null});
    assert_eq!((&never.json, never.header("etag")), (&empty, "\"0\""));

    let first = put(&app, "\"0\"", &stricter()).await.expect(200);
    assert_eq!((&first.json["version"], first.header("etag")), (&json!(1), "\"1\""));
    assert_eq!(first.json["thresholds"], stricter()["thresholds"]);
    assert_eq!(first.json["severities"], stricter()["severities"]);
    assert_eq!(first.json["updated_by"], "admin@acme.example");
    assert_eq!(first.json["updated_at"], "2026-06-15T12:00:00.000000Z");
    assert_eq!(app.get(PATH).await.expect(200).json, first.json);
    let known = app.call(Method::GET, PATH, &[("if-none-match", "W/\"1\"")], None).await;
    assert_eq!((known.expect(304).text.as_str(), never.header("etag")), ("", "\"0\""));
    app.call(Method::GET, PATH, &[("if-none-match", "\"0\"")], None).await.expect(200);

    // Whole replacement, and the same again changes nothing.
    let second = put(&app, "*", &json!({})).await.expect(200);
    assert_members!(second.json, {"version": 2, "thresholds": {}});
    let same = json!({"thresholds": {"brute-force-threshold-high": {}}, "severities": null});
    assert_eq!(put(&app, "\"2\"", &same).await.expect(200).json, second.json);
    assert_eq!(app.get(PATH).await.expect(200).json, second.json);
}

#[support::test]
async fn a_policy_is_replaced_only_with_the_current_version(app: App) {
    put(&app, "\"0\"", &stricter()).await.expect(200);
    let none = app.call(Method::PUT, PATH, &[], Some(&json!({"x": 1}))).await;
    none.expect_problem(428, "precondition_required");
    for stale in ["\"0\"", "\"2\"", "W/\"1\"", "\"01\""] {
        put(&app, stale, &json!({})).await.expect_problem(412, "precondition_failed");
    }
    put(&app, "1", &json!({})).await.expect_problem(400, "malformed_request");
    // Faults are reported before the version is checked.
    put(&app, "\"7\"", &json!({"x": 1})).await.expect_problem(422, "validation_failed");
    let viewer = app.token("acme", "viewer");
    let refused = app.call_as(&viewer, Method::PUT, PATH, &[("if-match", "*")], None).await;
    refused.expect_problem(403, "forbidden");
    let seen = app.call_as(&viewer, Method::GET, PATH, &[], None).await.expect(200);
    assert_eq!(seen.json["version"], 1);
}

#[support::test]
async fn all_faults_are_reported_at_once(app: App) {
    let body = json!({
        "version": 1, "unheard/of": 2,
        "thresholds": {
            "no-such-check": {"x": 1},
            "brute-force-threshold-high": {"max_attempts": 101, "no~such": 1},
            "brute-force-threshold-extreme": {"max_attempts": 9},
            "signing-key-old": {"max_days": 1.5},
        },
        "severities": {"no-such-check": "low", "mfa-never-required": "dreadful"},
    });
    let refused = put(&app, "*", &body).await.expect_problem(422, "validation_failed");
    assert_eq!(
        refused.faults(),
        [
            "/severities/mfa-never-required",
            "/severities/no-such-check",
            "/thresholds/brute-force-threshold-extreme/max_attempts",
            "/thresholds/brute-force-threshold-high/max_attempts",
            "/thresholds/brute-force-threshold-high/no~0such",
            "/thresholds/no-such-check",
            "/thresholds/signing-key-old/max_days",
            "/unheard~1of",
            "/version",
        ]
    );
    assert_eq!(app.get(PATH).await.json["version"], 0);
}

#[support::test]
async fn each_change_is_in_the_audit_once(app: App) {
    put(&app, "\"0\"", &stricter()).await.expect(200);
    put(&app, "\"1\"", &stricter()).await.expect(200);
    put(&app, "\"0\"", &json!({})).await.expect(412);
    let sql = "select outcome, details from audit_events where action = 'put_policy'
        order by sequence";
    let rows: Vec<(String, Value)> = sqlx::query_as(sql).fetch_all(app.pool()).await.unwrap();
    let outcomes: Vec<_> = rows.iter().map(|(outcome, _)| outcome.as_str()).collect();
    assert_eq!(outcomes, ["done", "refused"]);
    assert_eq!(rows[0].1["after"], stricter());
}

#[support::test]
async fn the_catalogue_shows_the_callers_policy(app: App) {
    put(&app, "*", &stricter()).await.expect(200);
    let path = "/v1/checks/brute-force-threshold-high";
    let ours = app.get(path).await.expect(200).json;
    let numbers = |check: &Value| {
        let threshold = &check["thresholds"][0];
        let named = |name: &str| threshold[name].as_u64().unwrap();
        (named("default"), named("min"), named("max"), named("effective"))
    };
    assert_eq!(numbers(&ours), (10, 1, 100, 8));
    let other = app.token("umbrella", "admin");
    let theirs = app.call_as(&other, Method::GET, path, &[], None).await.expect(200).json;
    assert_eq!(numbers(&theirs), (10, 1, 100, 10));
    let policy = app.call_as(&other, Method::GET, PATH, &[], None).await.expect(200).json;
    assert_eq!(policy["version"], 0);

    let listed = app.get("/v1/checks?limit=200").await.expect(200).json;
    let items = listed["items"].as_array().unwrap();
    let of = |id: &str| items.iter().find(|check| check["id"] == id).unwrap();
    let support = of("support-contact-missing");
    assert_members!(support, {"severity": "info", "effective_severity": "low"});
    assert_eq!(of("mfa-never-required")["effective_severity"], "high");
    assert_eq!(of("brute-force-threshold-high"), &ours);
}

#[support::test]
async fn unknown_names_are_refused_also_where_their_value_is_null(app: App) {
    let body = json!({
        "thresholds": {"no-such-check": null, "signing-key-old": {"no_such_threshold": null}},
        "severities": {"unheard-of": null},
    });
    let expected = [
        "/severities/unheard-of",
        "/thresholds/no-such-check",
        "/thresholds/signing-key-old/no_such_threshold",
    ];
    let refused = put(&app, "*", &body).await.expect_problem(422, "validation_failed");
    assert_eq!(refused.faults(), expected);
    let refused = app.post("/v1/policy/preview", &body).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), expected);
    assert_eq!(app.get(PATH).await.expect(200).json["version"], 0);
}
