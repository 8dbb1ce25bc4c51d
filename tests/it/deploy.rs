//! Compares what runs the service (`deploy`, `docker-compose.yml`, the documentation) with the service: metrics, alerts,
//! configuration keys.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Names in the sources that look like metrics: a role and a channel of the database.
const OTHER_NAMES: [&str; 2] = ["safe_auth0_serving", "safe_auth0_syncs"];
const METRIC: &str = "safe_auth0_";
const KEY: &str = "SAFE_AUTH0_";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// The texts of the files below a folder.
fn texts(folder: &str, is_wanted: fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if is_wanted(&path) {
                found.push(fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    found
}

/// The names in a text that have this prefix.
fn names(text: &str, prefix: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|w| w.starts_with(prefix) && *w != prefix).map(str::to_owned).collect()
}

/// The metrics in the table of the documentation.
fn documented_metrics() -> BTreeSet<String> {
    let text = read("docs/operations.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let first = rows.filter_map(|row| row.split('`').next());
    first.filter(|name| name.starts_with(METRIC)).map(str::to_owned).collect()
}

#[test]
fn every_metric_is_documented() {
    let mut found = BTreeSet::new();
    for source in texts("crates", |path| path.extension().is_some_and(|e| e == "rs")) {
        let literals = source.split('"').filter(|literal| {
            names(literal, METRIC).contains(*literal) && !OTHER_NAMES.contains(literal)
        });
        found.extend(literals.map(str::to_owned));
    }
    assert_eq!(documented_metrics(), found);
}

#[test]
fn the_dashboard_and_the_alerts_use_metrics_that_exist() {
    let documented = documented_metrics();
    let mut used = BTreeSet::new();
    for text in [texts("deploy/grafana", |_| true), texts("deploy/prometheus", |_| true)].concat() {
        used.extend(names(&text, METRIC));
    }
    let exists = |name: &str| {
        let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(*s));
        documented.contains(name) || of_histogram.is_some_and(|name| documented.contains(name))
    };
    let unknown: Vec<_> = used.iter().filter(|name| !exists(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for name in &documented {
        assert!(used.iter().any(|used| used.starts_with(name.as_str())), "{name} is not shown");
    }
}

#[test]
fn every_alert_has_a_section_and_a_test() {
    let (rules, tests) =
        (read("deploy/prometheus/alerts.yaml"), read("deploy/prometheus/alerts.test.yaml"));
    let values = |key: &str| -> Vec<String> {
        let lines = rules.lines().filter_map(|line| line.trim().strip_prefix(key));
        lines.map(str::to_owned).collect()
    };
    let alerts = values("- alert: ");
    assert!(alerts.len() > 10, "{alerts:?}");
    let links: Vec<_> =
        alerts.iter().map(|name| format!("docs/operations.md#{}", name.to_lowercase())).collect();
    assert_eq!(values("runbook: "), links);
    let runbook = read("docs/operations.md");
    let sections: Vec<_> =
        runbook.lines().filter_map(|line| line.strip_prefix("### SafeAuth0")).collect();
    let expected: Vec<_> = alerts.iter().filter_map(|n| n.strip_prefix("SafeAuth0")).collect();
    assert_eq!(sections, expected);
    for name in &alerts {
        assert!(tests.contains(&format!("alertname: {name}")), "{name} has no test");
    }
}

#[test]
fn configuration_keys_in_deployments_exist() {
    let mut used = names(&texts("deploy", |_| true).concat(), KEY);
    for path in ["docker-compose.yml", "Dockerfile", "docs/deployment.md", "docs/operations.md"] {
        used.extend(names(&read(path), KEY));
    }
    let known = names(&read("docs/configuration.md"), KEY);
    let unknown: Vec<_> = used.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(used.len() > 20, "{used:?}");
}
