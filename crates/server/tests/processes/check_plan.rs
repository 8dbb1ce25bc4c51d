//! `check --plan` and `check --apply`: output, exit codes, and that no tenant is called.

use std::process::Output;

use serde_json::Value;

use super::check::{file, run, tenant, text};

const EXTREME: &str = "brute-force-threshold-extreme";
const SECRET: &str = "simulated-weak-secret";

/// The snapshot of the weak tenant, in a file that the caller removes.
async fn snapshot(weak: &simulator::SimulatedTenant, name: &str) -> std::path::PathBuf {
    let at = weak.origin();
    let printed = run(weak, SECRET, &["snapshot", "--api-identifier", &at]).await;
    assert!(printed.status.success(), "{printed:?}");
    weak.clear_requests();
    file(name, &text(&printed))
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn checks_of(findings: &Value) -> Vec<&str> {
    findings.as_array().unwrap().iter().map(|f| f["check_id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_printed_and_its_effect_is_what_it_says() {
    let weak = tenant("weak").await;
    let file = snapshot(&weak, "plan").await;
    let path = file.to_str().unwrap();
    let check = async |more: &[&str]| {
        run(&weak, SECRET, &[&["check", "--snapshot", path][..], more].concat()).await
    };
    let plan = document(&check(&["--plan", "--format", "json"]).await);
    let findings = document(&check(&["--format", "json"]).await);
    assert_eq!(plan["score_before"], findings["score"]);
    let effect = document(&check(&["--apply", "plan", "--format", "json"]).await);
    assert_eq!(effect["before"]["score"], plan["score_before"]);
    assert_eq!(effect["after"]["score"], plan["score_after"]);
    assert!(plan["score_after"].as_u64() > plan["score_before"].as_u64());
    let actions = plan["actions"].as_array().unwrap();
    assert!(actions.len() > 5, "{plan:#}");
    // Every finding is resolved by a call or done by hand.
    let mut told: Vec<&str> =
        actions.iter().flat_map(|action| checks_of(&action["resolves"])).collect();
    let by_hand = plan["manual_actions"].as_array().unwrap();
    told.extend(by_hand.iter().flat_map(|action| checks_of(&action["findings"])));
    assert!(checks_of(&findings["findings"]).iter().all(|check| told.contains(check)), "{plan:#}");

    let table = text(&check(&["--plan"]).await);
    for action in actions {
        for name in ["auth0_cli", "undo_auth0_cli"] {
            assert!(table.contains(action[name].as_str().unwrap()), "{table}");
        }
    }
    assert!(by_hand.iter().all(|a| table.contains(a["steps"][0].as_str().unwrap())), "{table}");
    let scores = format!("score {} -> {}", plan["score_before"], plan["score_after"]);
    assert!(table.contains(&scores), "{table}");
    std::fs::remove_file(&file).unwrap();
    assert!(weak.requests().is_empty(), "nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_findings_of_named_checks_are_fixed_in_the_readings() {
    let weak = tenant("weak").await;
    let file = snapshot(&weak, "apply").await;
    let path = file.to_str().unwrap();
    let check = async |more: &[&str]| {
        run(&weak, SECRET, &[&["check", "--snapshot", path][..], more].concat()).await
    };
    let effect = document(&check(&["--apply", EXTREME, "--format", "json"]).await);
    assert!(checks_of(&effect["resolves"]).contains(&EXTREME), "{effect:#}");
    assert!(effect["after"]["score"].as_u64() > effect["before"]["score"].as_u64());
    let count = |of: &Value, severity: &str| of["findings"][severity].as_u64().unwrap();
    let fewer = count(&effect["before"], "high") - count(&effect["after"], "high");
    assert!(fewer >= 1, "{effect:#}");
    let both = ["--apply", EXTREME, "--apply", "mfa-never-required", "--format", "json"];
    let both = document(&check(&both).await);
    assert!(both["after"]["score"].as_u64() > effect["after"]["score"].as_u64(), "{both:#}");

    let table = text(&check(&["--apply", EXTREME]).await);
    assert!(
        table.lines().any(|line| line.starts_with("resolves high") && line.contains(EXTREME)),
        "{table}"
    );
    let clean = text(&check(&["--apply", "brute-force-protection-off"]).await);
    assert!(clean.contains("nothing to fix: brute-force-protection-off"), "{clean}");
    // What is left decides about the exit code.
    assert_eq!(check(&["--apply", EXTREME, "--fail-on", "low"]).await.status.code(), Some(1));
    assert_eq!(check(&["--plan", "--fail-on", "critical"]).await.status.code(), Some(1));
    let fresh = tenant("fresh").await;
    let at = fresh.origin();
    for (more, code) in [(&[][..], 1), (&["--apply", "plan"], 0)] {
        let arguments =
            [&["check", "--api-identifier", &at, "--fail-on", "info"][..], more].concat();
        let output = run(&fresh, "simulated-fresh-secret", &arguments).await;
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
    for refused in [
        &["--apply", "no-such-check"][..],
        &["--plan", "--format", "ocsf"],
        &["--plan", "--apply", EXTREME],
    ] {
        let output = check(refused).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
        assert!(!output.stderr.is_empty());
    }
    std::fs::remove_file(&file).unwrap();
    assert!(weak.requests().is_empty(), "nothing is sent");
}
