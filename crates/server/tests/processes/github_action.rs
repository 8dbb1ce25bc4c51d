//! `scripts/github-action check`, the step of `action.yml`.

use std::path::Path;
use std::process::{Command, Output};

use simulator::SimulatedTenant;

use crate::check::tenant;

async fn step(tenant: &SimulatedTenant, folder: &Path, more: &[(&str, &str)]) -> Output {
    let (client_id, _) = tenant.credentials();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/github-action");
    let mut command = Command::new(script);
    command
        .arg("check")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("SAFE_AUTH0_EXTRA_TENANT_ORIGINS", tenant.origin())
        .env("PROGRAM", env!("CARGO_BIN_EXE_safe-auth0"))
        .env("REPORTS", folder.join("reports"))
        .env("GITHUB_OUTPUT", folder.join("output"))
        .env("GITHUB_STEP_SUMMARY", folder.join("summary"))
        .env("API_IDENTIFIER", tenant.origin())
        .env("AUTH0_CLIENT_ID", client_id)
        .env("AUTH0_CLIENT_SECRET", "simulated-weak-secret")
        .envs(more.iter().copied());
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_action_reads_once_and_writes_every_report() {
    let weak = tenant("weak").await;
    let folder = tempfile::tempdir().unwrap();
    let failed = step(&weak, folder.path(), &[("FAIL_ON", "high")]).await;
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("summary").starts_with("# Auth0 security report"));
    for line in read("output").lines() {
        let (name, path) = line.split_once('=').unwrap();
        let report = std::fs::read_to_string(path).unwrap();
        assert!(report.len() > 1_000 && !report.contains("simulated-weak-secret"), "{name}");
    }
    assert_eq!(read("output").lines().count(), 5);
    let calls = weak.requests().len();
    let baseline = folder.path().join("reports/findings.json");
    let baseline = [("FAIL_ON", "high"), ("BASELINE", baseline.to_str().unwrap())];
    let other = tempfile::tempdir().unwrap();
    let known = step(&weak, other.path(), &baseline).await;
    assert_eq!(known.status.code(), Some(0), "{known:?}");
    assert_eq!(weak.requests().len(), 2 * calls, "the tenant is read once for all reports");
    let summary = std::fs::read_to_string(other.path().join("summary")).unwrap();
    assert!(summary.contains("0 new or worse"), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_cannot_be_read_fails_the_action() {
    let weak = tenant("weak").await;
    let folder = tempfile::tempdir().unwrap();
    let failed = step(&weak, folder.path(), &[("AUTH0_CLIENT_SECRET", "wrong")]).await;
    assert_eq!(failed.status.code(), Some(2), "{failed:?}");
    let failed = step(&weak, folder.path(), &[("BASELINE", "/nonexistent")]).await;
    assert_eq!(failed.status.code(), Some(2), "{failed:?}");
    assert!(String::from_utf8_lossy(&failed.stdout).contains("cannot read /nonexistent"));
}
