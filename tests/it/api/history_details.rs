//! The details of history entries match their schemas.

use http::Method;
use serde_json::json;
use support::App;
use support::document::{assert_valid, strict};

/// The members of a sync that ended with a result.
const SYNC: [&str; 10] = [
    "attempts",
    "duration_ms",
    "calls",
    "rate_limited",
    "readings",
    "checks",
    "findings",
    "coverage_percent",
    "policy_version",
    "failure",
];

#[support::test]
async fn the_details_of_every_kind_of_row_are_as_documented(app: App) {
    let form = app.form_with(&json!({"client_secret_expires_at": "2026-06-20T00:00:00Z"}));
    let id = app.create_from(&form).await;
    let path = format!("/v1/integrations/{id}");
    app.sync(&id).await;
    app.post(&format!("{path}/connection-tests"), &json!({})).await.expect(200);
    app.patch(&path, "*", &json!({"name": "Acme"})).await.expect(200);
    let secret = &app.form()["client_secret"];
    app.patch(&path, "*", &json!({"client_secret": secret})).await.expect(200);
    let next = json!({"client_secret": "rotated"});
    app.call(Method::PUT, &format!("{path}/next-secret"), &[], Some(&next)).await.expect(200);
    app.run_due_jobs().await;
    // Longer than a token lives.
    let days = std::time::Duration::from_secs(2 * 24 * 3600);
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.clock.advance(days);
    app.sync(&id).await;
    app.tenant().edit(|file| file.applications[0].client_secret = "other".into());
    app.clock.advance(days);
    assert_eq!(app.sync(&id).await["state"], "failed");
    let queued = app.post(&format!("{path}/syncs"), &json!({})).await.expect(202).json;
    app.delete(&format!("/v1/syncs/{}", queued["id"].as_str().unwrap())).await.expect(202);

    let document = app.get("/openapi.json").await.expect(200).json;
    let rows = app.get(&format!("{path}/history")).await.expect(200).json;
    let entry = strict(&document, "#/components/schemas/HistoryEntry");
    let mut kinds = std::collections::BTreeSet::new();
    for row in rows["items"].as_array().unwrap() {
        assert_valid(&entry, row, "a history entry");
        let details = &row["details"];
        let (kind, always, sometimes): (_, &[&str], &[&str]) = match row["action"].as_str().unwrap()
        {
            "test_connection" => ("test", &["connection_test"], &[]),
            "sync" if *details == json!({}) => ("cancelled sync", &[], &[]),
            "sync" => ("sync", &SYNC, &[]),
            _ if details["by_machine"].is_string() => {
                ("machine", &["by_machine"], &["changed_fields", "days", "expires_at"])
            }
            _ => ("update", &["changed_fields"], &["created", "connection_test"]),
        };
        kinds.insert(kind);
        let members: Vec<_> = details.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(always.iter().all(|name| members.contains(name)), "{kind}: {details:#}");
        let is_known = |name: &&str| always.contains(name) || sometimes.contains(name);
        assert!(members.iter().all(is_known), "{kind}: {details:#}");
        assert!(kind != "cancelled sync" || row["error"] == "cancelled", "{row:#}");
    }
    let all = ["cancelled sync", "machine", "sync", "test", "update"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}
