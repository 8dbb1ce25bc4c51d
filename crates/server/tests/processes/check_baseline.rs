//! `check --baseline`: only what is new or worse fails, and nothing becomes unknown silently.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use simulator::{Effect, Fault, SimulatedTenant};

use crate::check::{file, run, tenant, text};

const SECRET: &str = "simulated-weak-secret";

async fn document(weak: &SimulatedTenant) -> Value {
    let at = weak.origin();
    let output = run(weak, SECRET, &["check", "--format", "json", "--api-identifier", &at]).await;
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn compare(weak: &SimulatedTenant, baseline: &Value, more: &[&str]) -> Output {
    let file = file("baseline", &baseline.to_string());
    let output = compare_file(weak, &file, more).await;
    std::fs::remove_file(&file).unwrap();
    output
}

async fn compare_file(weak: &SimulatedTenant, file: &Path, more: &[&str]) -> Output {
    let at = weak.origin();
    let arguments = ["check", "--api-identifier", &at, "--baseline", file.to_str().unwrap()];
    run(weak, SECRET, &[&arguments[..], more].concat()).await
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The index of a finding that fails by its own severity.
fn index_of(document: &Value, severity: &str) -> usize {
    let findings = document["findings"].as_array().unwrap();
    findings.iter().position(|finding| finding["severity"] == severity).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_new_and_worse_findings_fail() {
    let weak = tenant("weak").await;
    let baseline = document(&weak).await;
    let high = index_of(&baseline, "high");
    let mut without = baseline.clone();
    let new = without["findings"].as_array_mut().unwrap().remove(high);
    let mut milder = baseline.clone();
    milder["findings"][high]["severity"] = "low".into();
    let mut graver = baseline.clone();
    graver["findings"][high]["severity"] = "critical".into();
    let json = ["--format", "json"];
    for (name, baseline, more, code) in [
        ("the same", &baseline, &json[..], 0),
        ("new", &without, &json, 1),
        ("new, below the limit", &without, &["--format", "json", "--fail-on", "critical"], 0),
        ("new, at the limit", &without, &["--format", "json", "--fail-on", "high"], 1),
        ("worse", &milder, &json, 1),
        ("milder", &graver, &json, 0),
    ] {
        let output = compare(&weak, baseline, more).await;
        assert_eq!(output.status.code(), Some(code), "{name}: {}", stderr(&output));
    }
    let output = compare(&weak, &without, &json).await;
    let compared: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = compared["findings"].as_array().unwrap();
    let new_ones: Vec<_> = findings.iter().filter(|f| f["baseline"] == "new").collect();
    assert_eq!(new_ones.len(), 1);
    assert_eq!(new_ones[0]["check_id"], new["check_id"]);
    assert_eq!(findings.len(), baseline["findings"].as_array().unwrap().len());
    let again = compare(&weak, &compared, &json).await;
    assert_eq!(again.status.code(), Some(0), "a compared document is a baseline too");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_shows_what_is_new() {
    let weak = tenant("weak").await;
    let mut baseline = document(&weak).await;
    let count = baseline["findings"].as_array().unwrap().len();
    let new = index_of(&baseline, "high");
    baseline["findings"].as_array_mut().unwrap().remove(new);
    let sarif = compare(&weak, &baseline, &["--format", "sarif"]).await;
    let states =
        |state: &str| text(&sarif).matches(&format!("\"baselineState\": \"{state}\"")).count();
    assert_eq!((states("new"), states("unchanged")), (1, count - 1));
    let junit = text(&compare(&weak, &baseline, &["--format", "junit"]).await);
    assert_eq!(
        (junit.matches("<failure").count(), junit.matches("in the baseline").count()),
        (1, count - 1)
    );
    let table = text(&compare(&weak, &baseline, &[]).await);
    assert_eq!(
        (table.matches(", new)").count(), table.matches(", known)").count()),
        (1, count - 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_unknown_is_reported_and_fails_if_wanted() {
    let weak = tenant("weak").await;
    let before = document(&weak).await;
    let strict = ["--format", "json", "--fail-on-unknown"];
    let same = compare(&weak, &before, &strict).await;
    assert_eq!(same.status.code(), Some(0), "{}", stderr(&same));
    weak.fault(Fault::on_get("/api/v2/attack-protection", Effect::NotFound));
    let output = compare(&weak, &before, &["--format", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "an unknown check is no finding");
    let compared: Value = serde_json::from_slice(&output.stdout).unwrap();
    let comparison = &compared["baseline"];
    let undecided = comparison["undecided"].as_array().unwrap();
    assert!(!undecided.is_empty() && comparison["resolved"] == json!([]), "{comparison}");
    for finding in undecided {
        let line = format!(
            "no longer decided: {} on {}",
            finding["check_id"].as_str().unwrap(),
            finding["resource"].as_str().unwrap()
        );
        assert!(stderr(&output).contains(&line), "{line}");
    }
    for check in comparison["newly_unknown_checks"].as_array().unwrap() {
        let line = format!("unknown since the baseline: {}", check.as_str().unwrap());
        assert!(stderr(&output).contains(&line), "{line}");
    }
    assert_eq!(compare(&weak, &before, &strict).await.status.code(), Some(1));
    let at = weak.origin();
    let arguments = ["check", "--api-identifier", &at, "--fail-on-unknown"];
    assert_eq!(run(&weak, SECRET, &arguments).await.status.code(), Some(1));
    // Unknown in the baseline too; the findings that it lost are not those of this baseline.
    assert_eq!(compare(&weak, &document(&weak).await, &strict).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_that_cannot_be_read_is_exit_code_2() {
    let weak = tenant("weak").await;
    let finding = json!({"check_id": "x", "resource": "tenant", "severity": "severe"});
    let lists = json!({"findings": [finding], "unknown_checks": [], "not_enabled_checks": []});
    for (text, message) in [
        ("{", "is not a baseline"),
        ("[]", "/findings is not a list"),
        (r#"{"actions": []}"#, "/findings is not a list"),
        (r#"{"findings": [{"check_id": 1}]}"#, "/findings/0/severity is not a text"),
        (&lists.to_string(), "/findings/0/severity is not a severity"),
        (r#"{"findings": []}"#, "/unknown_checks is not a list"),
    ] {
        let file = file("no-baseline", text);
        let output = compare_file(&weak, &file, &[]).await;
        std::fs::remove_file(&file).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
    let missing = compare_file(&weak, Path::new("/nonexistent/baseline.json"), &[]).await;
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("cannot read /nonexistent/baseline.json"));
    assert!(weak.requests().is_empty(), "the tenant is not called in vain");
}
