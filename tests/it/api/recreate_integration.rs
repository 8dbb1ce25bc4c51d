//! Deleting an integration and configuring it again: deleted data appears only when requested.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{App, assert_members};

async fn items(app: &App, path: &str) -> Vec<Value> {
    app.get(path).await.expect(200).json["items"].as_array().unwrap().clone()
}

#[support::test]
async fn a_tenant_saved_again_has_no_old_findings(app: App) {
    let first = app.create().await;
    app.sync(&first).await;
    let count = app.findings("").await.len();
    let asset = items(&app, "/v1/assets").await[0]["id"].as_str().unwrap().to_owned();
    let finding = app.findings("").await[0]["id"].as_str().unwrap().to_owned();
    app.delete(&format!("/v1/integrations/{first}")).await.expect(204);
    assert!(items(&app, "/v1/assets").await.is_empty() && app.findings("").await.is_empty());

    let second = app.create().await;
    app.sync(&second).await;
    let assets = items(&app, "/v1/assets").await;
    assert_eq!(assets.len(), 1);
    assert_members!(assets[0], {"integration_id": second, "deleted_at": null});
    let findings = app.findings("").await;
    assert_eq!(findings.len(), count, "no finding twice");
    let is_new =
        |each: &Value| each["integration_id"] == json!(second) && each["deleted_at"].is_null();
    assert!(findings.iter().all(is_new));
    for format in ["csv", "jsonl", "ocsf", "signal"] {
        let file = app.get(&format!("/v1/findings/export?format={format}")).await.expect(200).text;
        assert!(!file.contains(&first) && file.contains(&second), "{format}");
        let whole = format!("/v1/findings/export?format={format}&include_deleted=true");
        let whole = app.get(&whole).await.expect(200).text;
        let mark = if format == "signal" { "\"revoked\":true" } else { "deleted_at" };
        assert!(whole.contains(&first) && whole.contains(mark), "{format}");
    }

    for query in [format!("integration_id={first}"), format!("asset_id={asset}")] {
        let asked_for = app.findings(&query).await;
        assert_eq!(asked_for.len(), count, "{query}");
        assert!(asked_for.iter().all(|each| each["deleted_at"] == "2026-06-15T12:00:00.000000Z"));
    }
    assert_eq!(app.findings("include_deleted=true").await.len(), 2 * count);
    assert_eq!(app.findings("include_deleted=false").await.len(), count);
    let asked_for = items(&app, &format!("/v1/assets?integration_id={first}")).await;
    assert_eq!(asked_for[0]["deleted_at"], "2026-06-15T12:00:00.000000Z");
    assert_eq!(items(&app, "/v1/assets?include_deleted=true").await.len(), 2);
    let refused = app.get("/v1/assets?include_deleted=yes").await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), ["include_deleted"]);

    for path in [
        format!("/v1/assets/{asset}"),
        format!("/v1/assets/{asset}/score-history"),
        format!("/v1/findings/{finding}"),
        format!("/v1/integrations/{first}/history"),
    ] {
        app.get(&path).await.expect(200);
    }
}

#[support::test]
async fn a_conflict_names_the_existing_integration(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("hardened").start().await;
    let id = app.create_from(&app.form_with(&json!({"asset_name": "Prod"}))).await;
    let mut other = app.form_of(1);
    for name in ["Prod", "PROD", "  prod "] {
        other["asset_name"] = json!(name);
        let taken = app.post("/v1/integrations", &other).await;
        let taken = taken.expect_problem(409, "asset_name_taken").json;
        assert_eq!(taken["integration_id"], json!(id), "{name}");
    }
    // The same tenant and client come first, whatever the name.
    for name in [json!("Prod"), json!("other"), json!(null)] {
        let form = app.form_with(&json!({"asset_name": name}));
        let conflict = app.post("/v1/integrations", &form).await.expect_problem(409, "conflict");
        assert_eq!(conflict.json["integration_id"], json!(id), "{name}");
    }
    other["asset_name"] = json!("other");
    let second = app.create_from(&other).await;
    let path = format!("/v1/integrations/{second}");
    let taken = app.patch(&path, "*", &json!({"asset_name": "pROD"})).await;
    assert_eq!(taken.expect_problem(409, "asset_name_taken").json["integration_id"], json!(id));
    app.patch(&path, "*", &json!({"asset_name": "OTHER"})).await.expect(200);

    app.patch(&path, "*", &json!({"enabled": false})).await.expect(200);
    let disabled = app.call(Method::POST, &format!("{path}/syncs"), &[], None).await;
    let disabled = disabled.expect_problem(409, "integration_disabled").json;
    assert_eq!(disabled["integration_id"], json!(second));
    app.delete(&path).await.expect(204);
    let deleted = app.patch(&path, "*", &json!({"name": "x"})).await;
    assert_eq!(
        deleted.expect_problem(409, "integration_deleted").json["integration_id"],
        json!(second)
    );
}

#[support::test]
async fn a_default_asset_name_never_conflicts(app: App) {
    app.tenant().edit(|file| {
        for client_id in ["second", "third"] {
            let mut other = file.applications[0].clone();
            other.client_id = client_id.into();
            file.applications.push(other);
        }
    });
    let first = app.create().await;
    let path = |id: &str| format!("/v1/integrations/{id}");
    let name = async |id: &str| app.get(&path(id)).await.json["asset_name"].clone();
    let default = name(&first).await.as_str().unwrap().to_owned();
    let second = app.create_from(&app.form_with(&json!({"client_id": "second"}))).await;
    assert_eq!(name(&second).await, format!("{default} (2)"));
    let third = app.form_with(&json!({"client_id": "third", "asset_name": "third"}));
    let third = app.create_from(&third).await;
    let reset = json!({"asset_name": null});
    app.patch(&path(&third), "*", &reset).await.expect(200);
    assert_eq!(name(&third).await, format!("{default} (3)"));
    let unchanged = app.patch(&path(&second), "\"1\"", &reset).await.expect(200);
    assert_eq!(unchanged.header("etag"), "\"1\"", "it has its default already");
    app.delete(&path(&first)).await.expect(204);
    app.patch(&path(&second), "*", &reset).await.expect(200);
    assert_eq!(name(&second).await, json!(default));
}
