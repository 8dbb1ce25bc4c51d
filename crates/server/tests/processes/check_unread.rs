//! Exit codes of `check` and `snapshot` when readings fail.

use serde_json::{Value, json};
use simulator::{Effect, Fault};

use crate::check::{file, run, tenant, text};

#[tokio::test(flavor = "multi_thread")]
async fn without_an_essential_reading_the_exit_code_is_2() {
    for (effect, code) in [
        (Effect::Html502, "auth0_unavailable"),
        (Effect::NotFound, "not_auth0"),
        (Effect::InsufficientEntitlement, "plan_unavailable"),
    ] {
        let hardened = tenant("hardened").await;
        hardened.fault(Fault::on_management_api(effect));
        let at = hardened.origin();
        for more in [&["check"][..], &["check", "--fail-on", "info"], &["snapshot"]] {
            let arguments = [more, &["--api-identifier", &at]].concat();
            let output = run(&hardened, "simulated-hardened-secret", &arguments).await;
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            assert_eq!(text(&output), "", "no score and no finding");
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(stderr.contains(code) && stderr.contains("essential"), "{stderr}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_essential_reading_suffices_and_the_rest_is_unknown() {
    let weak = tenant("weak").await;
    for path in ["/api/v2/attack-protection", "/api/v2/guardian", "/api/v2/stats/daily"] {
        weak.fault(Fault::on_get(path, Effect::NotFound));
    }
    let at = weak.origin();
    let arguments = ["check", "--api-identifier", &at, "--format", "json", "--fail-on", "info"];
    let output = run(&weak, "simulated-weak-secret", &arguments).await;
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["unknown_checks"].as_array().is_some_and(|unknown| unknown.len() > 10));
    let found = !document["findings"].as_array().unwrap().is_empty();
    assert_eq!(output.status.code(), Some(i32::from(found)), "{document:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_without_an_essential_reading_is_exit_code_2() {
    let unread = json!({"outcome": "unreadable", "reason": "api_error", "message": "x"});
    let snapshot = json!({
        "format": 1, "client_id": "c", "observed_at": "2026-11-30T00:00:00Z",
        "readings": {"mfa_policies": unread, "guardian_factors": {"outcome": "read", "body": []}},
    });
    let file = file("unread-snapshot", &snapshot.to_string());
    let unused = tenant("fresh").await;
    let arguments = ["check", "--snapshot", file.to_str().unwrap(), "--fail-on", "info"];
    let output = run(&unused, "", &arguments).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(text(&output), "");
}
