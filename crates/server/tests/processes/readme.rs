//! Runs every block of README.md that calls the service, and the commands that `serve --demo` prints, twice, on free
//! ports.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use super::support::{Process, START_MAX, until};

const README: &str = include_str!("../../../../README.md");
/// Makes the blocks run the built program.
const PROGRAMS: &str = r#"
set -euo pipefail
cargo() { while [ "$1" != -- ]; do shift; done; shift; "$PROGRAM" "$@"; }
safe-auth0() { "$PROGRAM" "$@"; }
"#;

/// The shell blocks that call the service or a simulated tenant.
fn blocks() -> Vec<&'static str> {
    let blocks = README.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.filter(|block| block.contains("$API") || block.contains("$TENANT")).collect()
}

fn paste(text: &str, dir: &Path, environment: &[(&str, &str)]) -> Output {
    let mut shell = Command::new("bash");
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    shell.env("PROGRAM", env!("CARGO_BIN_EXE_safe-auth0")).env("SAFE_AUTH0_DATA_DIR", dir);
    shell.envs(environment.iter().copied()).current_dir(dir);
    shell.arg("-c").arg(format!("{PROGRAMS}\n{text}")).output().unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}\n{printed}");
    printed
}

#[tokio::test]
async fn commands_of_the_readme_and_the_banner_work_repeatedly() {
    let dir = tempfile::tempdir().unwrap();
    // The user of the embedded cluster must be able to traverse it.
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let mut command = Process::program();
    command.args(["serve", "--demo"]).env("SAFE_AUTH0_DATA_DIR", dir.path());
    command.env("SAFE_AUTH0_DEMO_LISTEN", "127.0.0.2:0");
    let service = Process::start(command, &dir.path().join("service.log"));
    let banner = until("the banner", START_MAX, async || {
        let printed = service.printed();
        printed.contains("# 6. Asset View").then_some(printed)
    });
    let banner = banner.await;
    let tenant = banner.split("API Identifier  http://").nth(1).unwrap();
    let tenant = tenant.split('/').next().unwrap();
    assert!(tenant.starts_with("127.0.0.2:"), "the tenants use the configured address: {tenant}");
    assert!(banner.contains(&format!("API       http://{}/v1", service.address)), "{banner}");

    let blocks = blocks();
    assert_eq!(blocks.len(), 3, "the flow, the API credential, the broken tenant");
    let twice: String = blocks.iter().flat_map(|block| [block, "\n", block, "\n"]).collect();
    let environment =
        [("SAFE_AUTH0_LISTEN", service.address.as_str()), ("SAFE_AUTH0_DEMO_LISTEN", tenant)];
    let printed = succeeded(&paste(&twice, dir.path(), &environment));
    for part in
        [r#""outcome":"connected""#, r#""state":"succeeded","stage""#, r#""access_token":"sat_"#]
    {
        assert!(printed.matches(part).count() >= 2, "{part} twice\n{printed}");
    }
    let findings = std::fs::read_to_string(dir.path().join("findings.csv")).unwrap();
    assert!(findings.lines().count() > 5, "{findings}");

    let calls = banner.split("to paste into bash:").nth(1).unwrap();
    let printed = succeeded(&paste(&format!("{calls}\n{calls}"), dir.path(), &[]));
    assert!(printed.matches(r#""state":"succeeded","stage""#).count() >= 2, "{printed}");
    assert_eq!(service.log().matches(r#""status":409"#).count(), 0, "nothing was saved twice");
    assert_histogram_buckets(&service.address).await;
}

/// Asserts that `/metrics` has buckets for each histogram, and no summary.
async fn assert_histogram_buckets(address: &str) {
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap();
    let text = text.text().await.unwrap();
    let mut histograms = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let [name, kind] = line["# TYPE ".len()..].split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        assert_ne!(kind, "summary", "{line}");
        if kind == "histogram" {
            histograms.push(name.to_owned());
        }
    }
    histograms.sort();
    let expected = ["safe_auth0_http_request_duration_seconds", "safe_auth0_sync_duration_seconds"];
    assert_eq!(histograms, expected);
    for name in histograms {
        let series = text.lines().filter(|line| line.starts_with(&format!("{name}_bucket{{")));
        let (mut finite, mut infinite) = (0, 0);
        for line in series {
            let count = line.rsplit(' ').next().unwrap();
            assert!(count.parse::<u64>().is_ok(), "{line}");
            if line.contains("le=\"+Inf\"") { infinite += 1 } else { finite += 1 }
        }
        assert!(infinite > 0 && finite >= 10 * infinite, "{name}: {finite}, {infinite}");
        assert!(text.contains(&format!("{name}_sum")) && text.contains(&format!("{name}_count")));
    }
}
