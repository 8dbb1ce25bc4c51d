//! Score history and drift of an asset.

use std::time::Duration;

use domain::IntegrationId;
use http::Method;
use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::{App, Saved, assert_members};

use super::acceptance::{terms, the_one};

const HOUR: Duration = Duration::from_secs(3600);

/// A tenant that was synced twice, an hour apart, and turned its brute-force protection off and MFA on
/// in between. The asset's id, and the two syncs.
async fn drifted(app: &App) -> (String, Value, Value) {
    let with = |enabled: bool| {
        json!({"enabled": enabled, "shields": ["block", "user_notification"], "allowlist": [],
            "mode": "count_per_identifier", "max_attempts": 10})
    };
    app.tenant().set("attack-protection/brute-force-protection", with(true));
    app.tenant().set("guardian/policies", json!([]));
    let id = app.create().await;
    let first = app.sync(&id).await;
    app.clock.advance(HOUR);
    app.tenant().set("attack-protection/brute-force-protection", with(false));
    app.tenant().set("guardian/policies", json!(["all-applications"]));
    let second = app.sync(&id).await;
    let asset = app.get("/v1/assets").await.expect(200).json["items"][0]["id"].clone();
    (asset.as_str().unwrap().to_owned(), first, second)
}

fn find_by<'a>(items: &'a Value, member: &str, value: &str) -> &'a Value {
    let items = items.as_array().unwrap();
    items.iter().find(|each| each[member] == value).unwrap_or_else(|| panic!("{items:#?}"))
}

#[support::test]
async fn two_syncs_differ_by_what_was_changed_in_between(app: App) {
    let (asset, first, second) = drifted(&app).await;
    let path = format!("/v1/assets/{asset}/drift");
    let drift = app.get(&path).await.expect(200).json;
    assert_eq!(
        (&drift["from"]["id"], &drift["to"]["id"], &drift["truncated"]),
        (&first["id"], &second["id"], &json!(false))
    );
    assert_eq!(drift["from"]["observed_at"], "2026-06-15T12:00:00.000000Z");
    assert_eq!(drift["to"]["coverage_percent"], second["coverage_percent"]);
    let settings = &drift["settings"];
    assert_eq!(settings.as_array().unwrap().len(), 2, "{settings:#}");
    let expected = json!({
        "reading": "brute_force_protection", "pointer": "/enabled", "change": "changed",
        "resource": "attack-protection/brute-force-protection", "before": true, "after": false,
        "unread_before": null, "unread_after": null, "value_left_out": false,
    });
    assert_eq!(settings[0], expected);
    let mfa = find_by(settings, "reading", "mfa_policies");
    assert_members!(mfa, {"before": [], "after": ["all-applications"]});

    let off = find_by(&drift["findings"], "check_id", "brute-force-protection-off");
    assert_members!(off, {"change": "opened", "severity": "critical"});
    assert_eq!(off["causes"], json!(["tenant_changed"]));
    assert_eq!(off["after"], json!({"result": "fail", "reason": null, "severity": "critical"}));
    let mfa = find_by(&drift["findings"], "check_id", "mfa-never-required");
    assert_eq!((&mfa["change"], &mfa["after"]["result"]), (&json!("resolved"), &json!("pass")));
    let opened = drift["findings"].as_array().unwrap().iter();
    let opened = opened.filter(|each| each["change"] == "opened").count();
    assert_eq!(json!(opened), second["findings"]["opened"]);

    // Named, the other way round, and with itself.
    let (one, two) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    assert_eq!(app.get(&format!("{path}?from={one}&to={two}")).await.expect(200).json, drift);
    let back = app.get(&format!("{path}?from={two}&to={one}")).await.expect(200).json;
    let mfa = find_by(&back["findings"], "check_id", "mfa-never-required");
    assert_eq!(mfa["change"], "opened");
    let same = app.get(&format!("{path}?from={two}&to={two}")).await.expect(200).json;
    assert_members!(same, {"settings": [], "findings": []});
}

#[support::test]
async fn a_failed_reading_is_reported_in_drift_and_fixes_nothing(app: App) {
    let (asset, ..) = drifted(&app).await;
    let integration = app.get("/v1/integrations").await.json["items"][0]["id"].clone();
    let path = "/api/v2/attack-protection/brute-force-protection";
    app.tenant().fault(Fault::on_get(path, Effect::NotFound));
    app.clock.advance(HOUR);
    app.sync(integration.as_str().unwrap()).await;
    let drift = app.get(&format!("/v1/assets/{asset}/drift")).await.expect(200).json;
    let [lost] = drift["settings"].as_array().unwrap().as_slice() else { panic!("{drift:#}") };
    assert_members!(lost, {"change": "became_unreadable", "before": null});
    let off = find_by(&drift["findings"], "check_id", "brute-force-protection-off");
    assert_eq!(off["change"], "became_unknown");
    for each in drift["findings"].as_array().unwrap() {
        assert_ne!(each["change"], "resolved", "{each:#}");
    }
}

#[support::test]
async fn drift_of_a_single_sync_is_empty(Saved { app, id }: Saved) {
    let sync = app.sync(&id).await;
    let asset = app.get("/v1/assets").await.json["items"][0]["id"].clone();
    let path = format!("/v1/assets/{}/drift", asset.as_str().unwrap());
    let drift = app.get(&path).await.expect(200).json;
    assert_eq!((&drift["from"], &drift["to"]["id"]), (&json!(null), &sync["id"]));
    assert_members!(drift, {"settings": [], "findings": []});
}

#[support::test]
async fn syncs_that_cannot_be_compared_get_409_with_the_reason(app: App) {
    let (asset, first, second) = drifted(&app).await;
    let path = format!("/v1/assets/{asset}/drift");
    let viewer = app.token("globex", "viewer");
    app.call_as(&viewer, Method::GET, &path, &[], None).await.expect_problem(404, "not_found");
    let unknown = "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11";
    app.get(&format!("{path}?from={unknown}")).await.expect_problem(404, "not_found");
    let faulty = app.get(&format!("{path}?from=x&to=y&z=1")).await;
    assert_eq!(faulty.expect_problem(422, "validation_failed").faults(), ["from", "to", "z"]);

    // One that failed.
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.clock.advance(HOUR);
    let id: IntegrationId = first["integration_id"].as_str().unwrap().parse().unwrap();
    let failed = app.sync(&id.to_string()).await;
    assert_eq!(failed["state"], "failed");
    let failed = failed["id"].as_str().unwrap();
    let answer = app.get(&format!("{path}?to={failed}")).await.expect_problem(409, "conflict");
    assert!(answer.json["detail"].as_str().unwrap().contains("succeeded"), "{}", answer.text);

    // One without a stored snapshot: only the latest one is retained.
    app.clock.advance(Duration::from_secs(91 * 24 * 3600));
    let now = domain::Clock::now(&app.clock);
    app.engine.store().delete_expired(now, &store::Retention::default()).await.unwrap();
    let answer = app.get(&path).await.expect_problem(409, "conflict");
    assert!(answer.json["detail"].as_str().unwrap().contains("is not kept"), "{}", answer.text);
    let latest = second["id"].as_str().unwrap();
    app.get(&format!("{path}?from={latest}&to={latest}")).await.expect(200);
}

#[support::test]
async fn the_score_is_followed_from_sync_to_sync(app: App) {
    let (asset, first, second) = drifted(&app).await;
    let path = format!("/v1/assets/{asset}/score-history");
    let list = app.get(&path).await.expect(200).json;
    let items = list["items"].as_array().unwrap();
    let ids: Vec<_> = items.iter().map(|each| &each["sync_id"]).collect();
    assert_eq!((ids, &list["next"]), (vec![&second["id"], &first["id"]], &json!(null)));
    let shown = app.get(&format!("/v1/assets/{asset}")).await.json;
    for member in ["score", "coverage_percent", "findings", "accepted_findings"] {
        assert_eq!(items[0][member], shown[member], "{member}");
    }
    assert_eq!(items[0]["at"], "2026-06-15T13:00:00.000000Z");
    assert_ne!(items[0]["findings"], items[1]["findings"]);

    // What is accepted later changes the asset, not the past; the next point has it.
    let finding = the_one(&app, "check_id=brute-force-protection-off").await;
    let accept = format!("/v1/findings/{}/acceptance", finding["id"].as_str().unwrap());
    let body = terms("false_positive", &json!(null));
    app.call(Method::PUT, &accept, &[], Some(&body)).await.expect(200);
    assert_eq!(app.get(&path).await.json, list);
    app.clock.advance(HOUR);
    app.sync(first["integration_id"].as_str().unwrap()).await;
    let newest = app.get(&format!("{path}?limit=1")).await.expect(200).json;
    assert_eq!(newest["items"][0]["accepted_findings"], 1);
    assert!(newest["items"][0]["score"].as_u64() > items[0]["score"].as_u64());
    let cursor = newest["next"].as_str().unwrap();
    let rest = app.get(&format!("{path}?limit=2&cursor={cursor}")).await.expect(200).json;
    assert_eq!(rest["items"], list["items"]);

    let some = "from=2026-06-15T12:30:00Z&to=2026-06-15T14:00:00Z";
    let some = app.get(&format!("{path}?{some}")).await.expect(200).json;
    assert_eq!(some["items"], json!([items[0]]));
    let faulty = app.get(&format!("{path}?from=yesterday&limit=0")).await;
    let faulty = faulty.expect_problem(422, "validation_failed");
    assert_eq!(faulty.faults(), ["from", "limit"]);
    assert!(faulty.text.contains("a + has to be sent as %2B"), "{}", faulty.text);
    let viewer = app.token("globex", "viewer");
    app.call_as(&viewer, Method::GET, &path, &[], None).await.expect_problem(404, "not_found");
}

#[support::test]
async fn too_many_comparisons_get_503_with_retry_after(pool: PgPool) {
    let limits = engine::Limits {
        comparisons: 0,
        comparison_wait: Duration::ZERO,
        schedule_spread: Duration::ZERO,
        ..engine::Limits::default()
    };
    let app = App::builder(pool).tenant("fresh").limits(limits).start().await;
    let (asset, ..) = drifted(&app).await;
    let answer = app.get(&format!("/v1/assets/{asset}/drift")).await;
    let answer = answer.expect_problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "2");
}
