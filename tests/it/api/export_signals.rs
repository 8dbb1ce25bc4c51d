//! Export of findings and results as SAFE Signal, by lines and as an archive.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use http::Method;
use serde_json::{Value, json};
use support::{Answer, App, Synced};
use uuid::Uuid;

use super::rows::execute;

const EXPORT: &str = "/v1/findings/export?format=signal";

async fn export(app: &App, query: &str) -> Answer {
    app.get(&format!("{EXPORT}{query}")).await.expect(200)
}

async fn signals(app: &App, query: &str) -> Vec<Value> {
    let answer = export(app, query).await;
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn compliance(signal: &Value) -> &str {
    signal["securityContext"]["status"]["complianceStatus"].as_str().unwrap()
}

/// Check and resource.
fn key(signal: &Value) -> (String, String) {
    let tag = |name: &str| signal["tags"][name][0].as_str().unwrap().to_owned();
    (tag("checkId"), tag("resource"))
}

#[support::test]
async fn each_judged_check_and_resource_is_one_signal(Synced { app, .. }: Synced) {
    let findings = app.findings("").await;
    let id = findings[0]["id"].as_str().unwrap();
    let terms = json!({"reason": "false_positive", "rationale": "Seen to."});
    let path = format!("/v1/findings/{id}/acceptance");
    app.call(Method::PUT, &path, &[], Some(&terms)).await.expect(200);
    let asset = app.get("/v1/assets").await.json["items"][0].clone();
    let integration = asset["integration_id"].as_str().unwrap();

    let answer = export(&app, "").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(answer.header("content-disposition").contains("findings-2026-06-15.signal.jsonl"));
    let all = signals(&app, "").await;
    let keys: BTreeSet<_> = all.iter().map(key).collect();
    assert_eq!(keys.len(), all.len());
    let ids: BTreeSet<_> = all.iter().map(|signal| signal["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());
    assert!(ids.iter().all(|id| Uuid::parse_str(id).is_ok()));
    let again = signals(&app, "").await;
    assert!(again.iter().all(|signal| !ids.contains(signal["id"].as_str().unwrap())), "new ids");

    // Findings keep their id, and the accepted one its state.
    let mut of_findings = BTreeMap::new();
    for signal in &all {
        if let Some(id) = signal["tags"]["findingId"][0].as_str() {
            of_findings.insert(id, signal);
        }
        assert_eq!(signal["entity"]["name"], asset["tenant_domain"]);
        assert_eq!(signal["tags"]["assetId"][0], asset["id"]);
    }
    assert_eq!(of_findings.len(), findings.len());
    for finding in &findings {
        let status = &of_findings[finding["id"].as_str().unwrap()]["securityContext"]["status"];
        let workflow = if finding["id"] == id { "riskAccepted" } else { "new" };
        assert_eq!(*status, json!({"complianceStatus": "fail", "workflowStatus": workflow}));
    }

    // The other results are those of the latest sync.
    let path = format!("/v1/integrations/{integration}/coverage");
    let coverage = app.get(&path).await.json;
    let checks_with = |status: &str| -> BTreeSet<String> {
        all.iter().filter(|s| compliance(s) == status).map(|s| key(s).0).collect()
    };
    let (failed, passed, unknown) =
        (checks_with("fail"), checks_with("pass"), checks_with("unknown"));
    assert_eq!(json!(failed.len()), coverage["counts"]["failed"]);
    let only_unknown = unknown.difference(&failed).count();
    assert_eq!(json!(only_unknown), coverage["counts"]["unknown"]);
    let only_passed = passed.iter().filter(|id| !failed.contains(*id) && !unknown.contains(*id));
    assert_eq!(json!(only_passed.count()), coverage["counts"]["passed"]);
}

#[support::test]
async fn filters_choose_signals(Synced { app, .. }: Synced) {
    let findings = app.findings("").await;
    let all = signals(&app, "").await;
    let open = signals(&app, "&state=open").await;
    assert_eq!(open.len(), findings.len(), "results without a finding have no state");
    let passing = all.iter().find(|signal| compliance(signal) == "pass").unwrap();
    let of_check = signals(&app, &format!("&check_id={}", key(passing).0)).await;
    assert!(!of_check.is_empty() && of_check.iter().all(|s| key(s).0 == key(passing).0));
    let asset = passing["tags"]["assetId"][0].as_str().unwrap();
    assert_eq!(signals(&app, &format!("&asset_id={asset}")).await.len(), all.len());
    assert_eq!(signals(&app, &format!("&asset_id={}", Uuid::nil())).await.len(), 0);
}

#[support::test]
async fn an_archive_has_each_signal_as_a_file(Synced { app, .. }: Synced) {
    let answer = export(&app, "-zip").await;
    assert_eq!(answer.header("content-type"), "application/zip");
    assert!(answer.header("content-disposition").contains("findings-2026-06-15.signal.zip"));
    let mut archive = zip::ZipArchive::new(Cursor::new(answer.body)).unwrap();
    let mut keys = BTreeSet::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let signal: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(file.name().unwrap(), format!("{}.json", signal["id"].as_str().unwrap()));
        keys.insert(key(&signal));
    }
    let lines: BTreeSet<_> = signals(&app, "").await.iter().map(key).collect();
    assert_eq!(keys, lines);
}

#[support::test]
async fn what_cannot_be_judged_any_more_is_unknown_and_results_of_another_version_are_no_pass(
    Synced { app, .. }: Synced,
) {
    let all = signals(&app, "").await;
    assert!(all.iter().any(|signal| compliance(signal) == "pass"));
    execute(&app, "update findings set result = 'unknown', result_reason = 'missing_scope'").await;
    execute(&app, "update judgements set results = '{}'").await;
    let now = signals(&app, "").await;
    assert_eq!(now.len(), app.findings("").await.len());
    assert!(now.iter().all(|signal| compliance(signal) == "unknown"));
}

#[support::test]
async fn signals_of_a_deleted_integration_are_revoked_findings(Synced { app, id, .. }: Synced) {
    let findings = app.findings("").await.len();
    app.call(Method::DELETE, &format!("/v1/integrations/{id}"), &[], None).await.expect(204);
    assert_eq!(signals(&app, "").await.len(), 0);
    let revoked = signals(&app, "&include_deleted=true").await;
    assert_eq!(revoked.len(), findings);
    assert!(revoked.iter().all(|signal| signal["revoked"] == true));
}
