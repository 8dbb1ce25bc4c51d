//! `check` and `snapshot` without database and server: output and exit codes.

use std::net::Ipv4Addr;
use std::process::{Command, Output};
use std::sync::Arc;

use domain::Clock;
use domain::clock::SystemClock;
use simulator::{Options, SimulatedTenant, TenantFile, Tls};

pub async fn tenant(bundled: &str) -> SimulatedTenant {
    let mut file = TenantFile::bundled(bundled).unwrap();
    file.bucket = simulator::Limit::Unlimited;
    let options = Options {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        tls: Tls::Plain,
        now: Arc::new(|| SystemClock.now()),
    };
    SimulatedTenant::start(file, options).await.unwrap()
}

pub async fn run(tenant: &SimulatedTenant, secret: &str, arguments: &[&str]) -> Output {
    run_in(tenant, secret, arguments, &[]).await
}

/// `run` with additional environment variables.
async fn run_in(
    tenant: &SimulatedTenant,
    secret: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Output {
    let (client_id, _) = tenant.credentials();
    let mut command = Command::new(env!("CARGO_BIN_EXE_safe-auth0"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("SAFE_AUTH0_EXTRA_TENANT_ORIGINS", tenant.origin())
        .env("AUTH0_CLIENT_ID", client_id)
        .env("AUTH0_CLIENT_SECRET", secret)
        .envs(environment.iter().copied())
        .args(arguments);
    // On another thread, because the tenant runs on the test's own.
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

pub fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_depends_on_severity_and_success() {
    let weak = tenant("weak").await;
    let (at, secret) = (weak.origin(), "simulated-weak-secret");
    let found = run(&weak, secret, &["check", "--api-identifier", &at, "--fail-on", "high"]).await;
    assert_eq!(found.status.code(), Some(1), "{found:?}");
    assert!(text(&found).contains("bot-detection"), "{}", text(&found));
    let printed = run(&weak, secret, &["check", "--api-identifier", &at]).await;
    assert_eq!(printed.status.code(), Some(0));
    let refused = run(&weak, "wrong", &["check", "--api-identifier", &at]).await;
    assert_eq!(refused.status.code(), Some(2), "a tenant that cannot be read is not clean");
    assert!(String::from_utf8(refused.stderr).unwrap().contains("invalid_client"));

    let hardened = tenant("hardened").await;
    let at = hardened.origin();
    let arguments = ["check", "--api-identifier", &at, "--fail-on", "info", "--format", "json"];
    let clean = run(&hardened, "simulated-hardened-secret", &arguments).await;
    assert_eq!(clean.status.code(), Some(0), "{}", text(&clean));
    let document: serde_json::Value = serde_json::from_slice(&clean.stdout).unwrap();
    assert_eq!((&document["score"], &document["findings"]), (&100.into(), &serde_json::json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_from_the_environment_are_ignored() {
    let weak = tenant("weak").await;
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let names =
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
    let environment = names.map(|name| (name, address.as_str()));
    let (at, secret) = (weak.origin(), "simulated-weak-secret");
    let arguments = ["check", "--api-identifier", &at];
    let running = run_in(&weak, secret, &arguments, &environment);
    let output = tokio::select! {
        output = running => output,
        _ = proxy.accept() => panic!("the proxy was called"),
    };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!weak.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_gives_the_same_results_as_its_tenant_and_contains_no_secret() {
    let weak = tenant("weak").await;
    let (at, secret) = (weak.origin(), "simulated-weak-secret");
    let snapshot = run(&weak, secret, &["snapshot", "--api-identifier", &at]).await;
    assert!(snapshot.status.success());
    assert!(!text(&snapshot).contains(secret));
    let file = std::env::temp_dir().join(format!("safe-auth0-snapshot-{}", std::process::id()));
    std::fs::write(&file, &snapshot.stdout).unwrap();
    let arguments = ["check", "--format", "json", "--snapshot", file.to_str().unwrap()];
    let offline = run(&weak, secret, &arguments).await;
    let online = run(&weak, secret, &["check", "--format", "json", "--api-identifier", &at]).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(text(&offline), text(&online));
    assert!(text(&offline).contains("check_id"));
}

/// `uid` and `severity_id` of each event.
fn events(output: &Output) -> Vec<(String, u64)> {
    let text = text(output);
    let events = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let each = events.map(|event| {
        assert_eq!((&event["class_uid"], &event["status"]), (&2003.into(), &"New".into()));
        let uid = event["finding_info"]["uid"].as_str().unwrap().to_owned();
        (uid, event["severity_id"].as_u64().unwrap())
    });
    each.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ocsf_has_one_event_per_finding_and_lists_unknown_checks() {
    let weak = tenant("weak").await;
    let (at, secret) = (weak.origin(), "simulated-weak-secret");
    let arguments = ["check", "--output", "ocsf", "--api-identifier", &at];
    let found = run(&weak, secret, &arguments).await;
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let arguments = ["check", "--format", "json", "--api-identifier", &at];
    let document = run(&weak, secret, &arguments).await;
    let document: serde_json::Value = serde_json::from_slice(&document.stdout).unwrap();
    let ranks = ["info", "low", "medium", "high", "critical"];
    let mut expected: Vec<(String, u64)> = (document["findings"].as_array().unwrap().iter())
        .map(|finding| {
            let [check, resource, severity] =
                ["check_id", "resource", "severity"].map(|name| finding[name].as_str().unwrap());
            let rank = ranks.iter().position(|each| *each == severity).unwrap() as u64 + 1;
            (format!("{}/{check}/{resource}", weak.credentials().0), rank)
        })
        .collect();
    let mut actual = events(&found);
    expected.sort();
    actual.sort();
    assert!(actual == expected && actual.len() > 10, "{actual:?}");
    let stderr = String::from_utf8(found.stderr.clone()).unwrap();
    for unknown in document["unknown_checks"].as_array().unwrap() {
        assert!(stderr.contains(unknown["check_id"].as_str().unwrap()), "{stderr}");
    }
    assert!(!text(&found).contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_has_no_colours_unless_the_option_enables_them() {
    let weak = tenant("weak").await;
    let (at, secret) = (weak.origin(), "simulated-weak-secret");
    for (more, is_coloured) in [
        (&[][..], false),
        (&["--color", "auto"], false),
        (&["--color", "never"], false),
        (&["--color", "always"], true),
        (&["--color", "always", "--format", "ocsf"], false),
    ] {
        let arguments = [&["check", "--api-identifier", &at][..], more].concat();
        let output = run(&weak, secret, &arguments).await;
        assert_eq!(text(&output).contains('\u{1b}'), is_coloured, "{more:?}: {}", text(&output));
        assert_eq!(output.status.code(), Some(0));
    }
}

/// Writes a file, which the caller removes.
pub fn file(name: &str, text: &str) -> std::path::PathBuf {
    let name = format!("safe-auth0-{name}-{}", std::process::id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_file_applies_to_checks_and_remediations() {
    let fresh = tenant("fresh").await;
    let (at, secret) = (fresh.origin(), "simulated-fresh-secret");
    let policy = file(
        "policy",
        r#"{"thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
            "severities": {"mfa-never-required": "info"}}"#,
    );
    let arguments = ["check", "--format", "json", "--api-identifier", &at];
    let plain = run(&fresh, secret, &arguments).await;
    let with_policy = [&arguments[..], &["--policy", policy.to_str().unwrap()]].concat();
    let by_policy = run(&fresh, secret, &with_policy).await;
    std::fs::remove_file(&policy).unwrap();
    let finding = |output: &Output, check: &str| {
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = document["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|finding| finding["check_id"] == check)
    };
    assert_eq!(finding(&plain, "brute-force-threshold-high"), None);
    let opened = finding(&by_policy, "brute-force-threshold-high").unwrap();
    let remediation = &opened["remediation"];
    let call = |attempts: u8| {
        serde_json::json!({
            "method": "PATCH", "path": "/api/v2/attack-protection/brute-force-protection",
            "body": {"max_attempts": attempts},
        })
    };
    assert_eq!((&remediation["api_call"], &remediation["undo_call"]), (&call(8), &call(10)));
    for (name, part) in [
        ("auth0_cli", r#"{"max_attempts":8}"#),
        ("undo_auth0_cli", r#"{"max_attempts":10}"#),
        ("terraform", "max_attempts = 8"),
        ("required_scope", "update:attack_protection"),
    ] {
        assert!(remediation[name].as_str().unwrap().contains(part), "{remediation}");
    }
    let severity =
        |output: &Output| finding(output, "mfa-never-required").unwrap()["severity"].clone();
    assert_eq!((severity(&plain), severity(&by_policy)), ("high".into(), "info".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_policy_file_is_rejected_before_the_tenant_is_called() {
    let fresh = tenant("fresh").await;
    let at = fresh.origin();
    for (text, messages) in [
        (
            r#"{"version": 1, "thresholds": {"brute-force-threshold-high": {"max_attempts": 0}},
                "severities": {"no-such-check": "low"}}"#,
            &[
                "/version:",
                "/thresholds/brute-force-threshold-high/max_attempts:",
                "/severities/no-such-check:",
            ][..],
        ),
        ("[]", &["must be a JSON object"]),
        ("{", &["is not a policy"]),
    ] {
        let policy = file("no-policy", text);
        let arguments = ["check", "--api-identifier", &at, "--policy", policy.to_str().unwrap()];
        let refused = run(&fresh, "simulated-fresh-secret", &arguments).await;
        std::fs::remove_file(&policy).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let stderr = String::from_utf8(refused.stderr.clone()).unwrap();
        assert!(messages.iter().all(|part| stderr.contains(part)), "{stderr}");
        assert!(fresh.requests().is_empty() && refused.stdout.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_shows_disabled_checks_and_confidence() {
    let mut file = TenantFile::bundled("fresh").unwrap();
    file.bucket = simulator::Limit::Unlimited;
    let required = ["read:attack_protection", "read:mfa_policies", "read:stats"];
    file.applications[0].scopes = Some(required.map(str::to_owned).to_vec());
    let options = Options {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        tls: Tls::Plain,
        now: Arc::new(|| SystemClock.now()),
    };
    let fresh = SimulatedTenant::start(file, options).await.unwrap();
    let (at, secret) = (fresh.origin(), "simulated-fresh-secret");
    let check_as = async |format| {
        run(&fresh, secret, &["check", "--format", format, "--api-identifier", &at]).await
    };
    let document = check_as("json").await;
    let document: serde_json::Value = serde_json::from_slice(&document.stdout).unwrap();
    let not_enabled = document["not_enabled_checks"].as_array().unwrap();
    assert_eq!(not_enabled.len(), document["checks"]["not_enabled"]);
    assert!(not_enabled.len() > 10);
    let (table, ocsf) = (check_as("table").await, check_as("ocsf").await);
    let stderr = String::from_utf8(ocsf.stderr.clone()).unwrap();
    for each in not_enabled {
        let check = each["check_id"].as_str().unwrap();
        let scopes: Vec<_> =
            each["scopes"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
        assert!(!scopes.is_empty() && scopes.iter().all(|scope| scope.starts_with("read:")));
        let scopes = scopes.join(", ");
        let line = text(&table).lines().find(|line| line.contains(check)).unwrap().to_owned();
        assert!(line.starts_with("not enabled ") && line.ends_with(&scopes), "{line}");
        assert!(stderr.contains(&format!("not enabled: {check}: needs {scopes}")), "{stderr}");
    }
    let findings = document["findings"].as_array().unwrap();
    for finding in findings {
        let confidence = finding["confidence"].as_str().unwrap();
        assert!(["high", "medium", "low"].contains(&confidence), "{finding}");
        let title = finding["title"].as_str().unwrap();
        assert!(text(&table).contains(&format!("{title} (confidence {confidence})")), "{title}");
    }
    assert_eq!(text(&ocsf).matches("\"confidence\":").count(), findings.len());
}
