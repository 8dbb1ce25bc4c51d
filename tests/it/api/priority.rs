//! What a list sorted by priority says first, and the objects that findings name.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::PgPool;
use support::{App, Synced};

const BY_PRIORITY: &str = "sort=-priority&state=open";

#[support::test]
async fn the_first_five_findings_by_priority_are_five_causes(pool: PgPool) {
    let app = App::builder(pool).tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let found = app.findings(BY_PRIORITY).await;
    let priority = |finding: &Value| finding["priority"].as_u64().unwrap();
    assert!(found.is_sorted_by_key(|finding| std::cmp::Reverse(priority(finding))));
    assert!(found.iter().all(|finding| (1..=1000).contains(&priority(finding))));
    let causes: BTreeSet<_> =
        found[..5].iter().map(|finding| finding["cause_id"].as_str().unwrap()).collect();
    assert_eq!(causes.len(), 5, "{causes:?}");
    let mut parts = 0;
    for part in found.iter().filter(|finding| !finding["part_of"].is_null()) {
        let whole = found.iter().find(|finding| finding["id"] == part["part_of"]).unwrap();
        assert_eq!(whole["cause_id"], part["cause_id"]);
        assert!(priority(whole) > priority(part));
        parts += 1;
    }
    assert!(parts > 0, "the weak tenant has combinations");
}

#[support::test]
async fn a_resolved_finding_has_no_priority(Synced { app, id }: Synced) {
    app.tenant().edit(|file| {
        let path = "attack-protection/brute-force-protection";
        file.resources.get_mut(path).unwrap()["mode"] = json!("count_per_identifier");
    });
    app.clock.advance(Duration::from_secs(3600));
    app.sync(&id).await;
    let resolved = app.findings("state=resolved").await;
    assert!(!resolved.is_empty());
    for finding in resolved {
        assert_eq!(finding["priority"], 0);
        assert_eq!((&finding["cause_id"], &finding["part_of"]), (&Value::Null, &Value::Null));
    }
}

#[support::test]
async fn a_renamed_object_keeps_its_finding(pool: PgPool) {
    let app = App::builder(pool).tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let of_applications = async || {
        let found = app.findings("state=open").await;
        let is_application = |finding: &Value| finding["object"]["type"] == "application";
        found.into_iter().find(is_application).expect("a finding of an application")
    };
    let before = of_applications().await;
    let application = before["object"]["id"].as_str().unwrap();
    assert_eq!(before["resource"], json!(format!("clients/{application}")));
    assert!(before["object"]["name"].is_string(), "{:#}", before["object"]);
    app.tenant().edit(|file| {
        let clients = file.resources.get_mut("clients").unwrap().as_array_mut().unwrap();
        for client in clients.iter_mut().filter(|client| client["client_id"] == application) {
            client["name"] = json!("Another name");
        }
    });
    app.clock.advance(Duration::from_secs(3600));
    let sync = app.sync(&id).await;
    assert_eq!(sync["findings"]["opened"], 0);
    let after = of_applications().await;
    assert_eq!(after["object"]["name"], "Another name");
    assert_eq!((&after["id"], &after["open_since"]), (&before["id"], &before["open_since"]));
    let shown =
        app.get(&format!("/v1/findings/{}", after["id"].as_str().unwrap())).await.expect(200);
    let transitions = shown.json["transitions"].as_array().unwrap();
    assert_eq!(transitions.len(), 1, "{transitions:#?}");
}

#[support::test]
async fn a_finding_of_the_tenant_names_the_tenant(Synced { app, .. }: Synced) {
    let asset = app.get("/v1/assets").await.expect(200).json["items"][0].clone();
    for finding in app.findings("").await {
        let object = &finding["object"];
        if object["type"] == "tenant" {
            assert_eq!((&object["id"], &object["name"]), (&asset["tenant_domain"], &asset["name"]));
        }
    }
}
