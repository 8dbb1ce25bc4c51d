//! The flow of SAFE's users, from the empty form to the asset.

use http::Method;
use serde_json::json;
use sqlx::PgPool;
use support::{App, Saved, Synced, assert_members};

#[support::test]
async fn configure_test_save_sync_history_findings_asset(app: App) {
    let form = app.get("/v1/configuration-form").await.expect(200).json;
    let names: Vec<_> =
        form["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    for name in ["api_identifier", "client_id", "client_secret", "api_audience"] {
        assert!(names.contains(&name), "{names:?}");
    }

    let test = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_members!(test, {"outcome": "connected", "recorded": false});
    assert_eq!(test["reason"], "unsaved_configuration");

    let saved = app.post("/v1/integrations", &app.form()).await.expect(201);
    let id = saved.json["id"].as_str().unwrap().to_owned();
    assert_eq!(saved.header("location"), format!("/v1/integrations/{id}"));
    assert_eq!(saved.header("etag"), "\"1\"");
    assert_eq!(saved.json["state"], "active");
    assert_eq!(saved.json["next_sync_at"], "2026-06-16T12:00:00.000000Z");

    let sync = app.sync(&id).await;
    assert_members!(sync, {"state": "succeeded", "stage": "completed"});
    assert_members!(sync, {"trigger": "on_demand", "started_by": "admin@acme.example"});
    assert!(sync["findings"]["opened"].as_u64().unwrap() > 0, "{sync}");
    assert_eq!(sync["failure"], json!(null));

    let history = app.get(&format!("/v1/integrations/{id}/history")).await.expect(200).json;
    let rows: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["action"].as_str().unwrap(),
                row["status"].as_str().unwrap(),
                row["stage"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(rows, [("sync", "success", "completed"), ("update", "success", "completed")]);
    let entry = history["items"][0]["id"].as_str().unwrap();
    let entry = app.get(&format!("/v1/history/{entry}")).await.expect(200).json;
    assert_eq!(entry["sync_id"], sync["id"]);
    assert!(entry["details"]["readings"].as_array().unwrap().len() >= 13, "{entry}");

    let findings = app.findings(&format!("integration_id={id}")).await;
    assert_eq!(findings.len() as u64, sync["findings"]["opened"].as_u64().unwrap());
    let one = findings
        .iter()
        .find(|f| f["check_id"] == "mfa-never-required")
        .expect("MFA is never required");
    let finding =
        app.get(&format!("/v1/findings/{}", one["id"].as_str().unwrap())).await.expect(200).json;
    assert_members!(finding, {"state": "open", "result": "fail"});
    assert_eq!(finding["evidence"][0]["found"], json!([]));
    assert_eq!(finding["remediation"]["api_call"]["method"], "PUT");
    assert_eq!(finding["remediation"]["api_call"]["path"], "/api/v2/guardian/policies");
    assert_eq!(finding["remediation"]["undo_call"]["body"], json!([]));

    let assets = app.get("/v1/assets").await.expect(200).json;
    let asset = &assets["items"][0];
    assert_members!(asset, {"type": "auth0_tenant", "attack_surface": "saas"});
    assert_eq!(asset["integration_id"], id.as_str());
    let counted: u64 = ["critical", "high", "medium", "low", "info"]
        .iter()
        .map(|severity| asset["findings"][severity].as_u64().unwrap())
        .sum();
    assert_eq!(counted, findings.len() as u64);
    let asset_id = asset["id"].as_str().unwrap();
    assert_eq!(
        app.get(&format!("/v1/assets/{asset_id}")).await.expect(200).json["id"],
        asset["id"]
    );

    let read = app.integration(&id).await;
    assert_eq!(read["last_sync"]["state"], "succeeded");
    assert_eq!(read["stale"], false);
}

#[support::test]
async fn test_save_and_first_sync_spend_one_token(app: App) {
    app.post("/v1/connection-tests", &app.form()).await.expect(200);
    let id = app.create().await;
    app.sync(&id).await;
    assert_eq!(app.tenant().count("POST", "/oauth/token"), 1);
}

#[support::test]
async fn another_connection_test_requests_a_fresh_token(Saved { app, id }: Saved) {
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    let path = format!("/v1/integrations/{id}/connection-tests");
    let test = app.call(Method::POST, &path, &[], None).await.expect(200).json;
    assert_members!(test, {"outcome": "failed", "recorded": true});
    let failed =
        test["steps"].as_array().unwrap().iter().find(|s| s["status"] == "failed").unwrap();
    assert_members!(failed, {"name": "token", "code": "invalid_client"});
}

#[support::test]
async fn syncing_an_unchanged_tenant_updates_only_last_seen_at(Synced { app, id }: Synced) {
    let before = app.findings("").await;
    app.clock.advance(std::time::Duration::from_secs(600));
    let sync = app.sync(&id).await;
    assert_eq!(sync["findings"]["unchanged"], before.len());
    assert_members!(sync["findings"], {"opened": 0, "resolved": 0});
    let strip = |findings: Vec<serde_json::Value>| {
        findings
            .into_iter()
            .map(|mut f| {
                for moving in ["last_seen_at", "last_evaluated_at"] {
                    assert!(f.as_object_mut().unwrap().remove(moving).is_some());
                }
                f
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(strip(app.findings("").await), strip(before));
}

#[support::test]
async fn a_hardened_tenant_has_no_finding_and_full_coverage(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let test = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(
        (&test["outcome"], &test["coverage"]["percent"]),
        (&json!("connected"), &json!(100))
    );
    let id = app.create().await;
    let sync = app.sync(&id).await;
    assert_eq!(sync["coverage_percent"], 100);
    let findings = app.findings("").await;
    assert!(findings.is_empty(), "{findings:#?}");
    let asset = app.get("/v1/assets").await.expect(200).json["items"][0].clone();
    assert_members!(asset, {"score": 100, "unknown_checks": []});
}
