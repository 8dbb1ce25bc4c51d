//! Coverage of the latest sync.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use support::{Saved, Synced, assert_members};

fn path(id: &str) -> String {
    format!("/v1/integrations/{id}/coverage")
}

fn lines<'a>(coverage: &'a Value, member: &str) -> &'a Vec<Value> {
    coverage[member].as_array().unwrap()
}

#[support::test]
async fn coverage_before_the_first_sync_has_a_message(Saved { app, id }: Saved) {
    let coverage = app.get(&path(&id)).await.expect(200).json;
    for member in ["evaluated_at", "sync_id", "coverage_percent", "counts", "scopes"] {
        assert_eq!(coverage[member], json!(null), "{member}");
    }
    assert_members!(coverage, {"readings": [], "checks": []});
    assert!(coverage["message"].as_str().unwrap().contains("No sync has succeeded"));
}

#[support::test]
async fn every_reading_and_every_check_has_its_line(Saved { app, id }: Saved) {
    let sync = app.sync(&id).await;
    let coverage = app.get(&path(&id)).await.expect(200).json;
    assert_eq!(coverage["sync_id"], sync["id"]);
    assert_eq!(coverage["evaluated_at"], "2026-06-15T12:00:00.000000Z");
    assert_eq!(coverage["coverage_percent"], sync["coverage_percent"]);
    assert_members!(coverage, {"counts": sync["checks"], "message": null});

    // The lines add up to the counts.
    let mut counted = BTreeMap::new();
    for check in lines(&coverage, "checks") {
        *counted.entry(check["result"].as_str().unwrap()).or_insert(0) += 1;
        let says_nothing = !matches!(check["result"].as_str(), Some("pass" | "fail"));
        assert_eq!(check["reason"].is_string(), says_nothing, "{check:#}");
    }
    let count = |name| json!(counted.get(name).copied().unwrap_or(0));
    let expected = json!({
        "passed": count("pass"), "failed": count("fail"), "unknown": count("unknown"),
        "not_applicable": count("not_applicable"), "not_enabled": count("not_enabled"),
    });
    assert_eq!(coverage["counts"], expected);
    let catalogue = app.get("/v1/checks?limit=200").await.expect(200).json;
    assert_eq!(lines(&coverage, "checks").len(), lines(&catalogue, "items").len());

    let of = |member: &str, key: &str, value: &str| {
        lines(&coverage, member).iter().find(|line| line[key] == value).unwrap().clone()
    };
    let not_enabled = of("checks", "result", "not_enabled");
    assert_eq!(not_enabled["reason"], "missing_scope");
    assert!(!not_enabled["scopes"].as_array().unwrap().is_empty(), "{not_enabled:#}");
    let clients = of("readings", "reading", "clients");
    let expected = json!({
        "reading": "clients", "outcome": "not_fetched", "reason": "missing_scope", "message": null,
        "scope": "read:clients",
        "parts": [{"member": "client_authentication_methods", "granted": false,
            "scopes": ["read:client_credentials", "read:client_keys"]}],
    });
    assert_eq!(clients, expected);
    assert_eq!(of("readings", "reading", "token")["outcome"], "read");
    assert_eq!(coverage["scopes"]["missing_required"], json!([]));
    let optional = coverage["scopes"]["missing_optional"].as_array().unwrap();
    assert!(optional.contains(&json!("read:clients")));
}

#[support::test]
async fn a_required_scope_that_is_missing_is_named_where_it_is_missed(Saved { app, id }: Saved) {
    app.tenant().edit(|file| {
        let scopes = ["read:attack_protection", "read:stats", "update:users"];
        file.applications[0].scopes = Some(scopes.map(str::to_owned).to_vec());
    });
    // Tokens are cached for ten minutes.
    app.clock.advance(std::time::Duration::from_secs(3600));
    app.sync(&id).await;
    let coverage = app.get(&path(&id)).await.expect(200).json;
    assert_eq!(coverage["scopes"]["missing_required"], json!(["read:mfa_policies"]));
    assert_eq!(coverage["scopes"]["unneeded"], json!(["update:users"]));
    let mfa = lines(&coverage, "checks").iter();
    let mfa = mfa.clone().find(|line| line["check_id"] == "mfa-never-required").unwrap();
    assert_members!(mfa, {"result": "unknown", "reason": "missing_scope"});
    assert_eq!(mfa["scopes"], json!(["read:mfa_policies"]));
    assert_eq!(mfa["readings"], json!(["mfa_policies"]));
}

#[support::test]
async fn coverage_of_other_organisations_is_404(Synced { app, id }: Synced) {
    let viewer = app.token("acme", "viewer");
    app.call_as(&viewer, Method::GET, &path(&id), &[], None).await.expect(200);
    let other = app.token("globex", "admin");
    let answer = app.call_as(&other, Method::GET, &path(&id), &[], None).await;
    answer.expect_problem(404, "not_found");
}
