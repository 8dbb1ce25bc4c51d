//! Checks the structure: direction of dependencies, exclusive libraries, length of files.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Lines after which a file is asked whether it holds two things.
const LINES_MAX: usize = 300;
/// Longer ones, each with its reason. Empty, and meant to stay so.
const LONGER: &[(&str, &str)] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_owned()
}

/// Each crate of ours with its direct dependencies, those for tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs the tests, so it is there");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let mut found = BTreeMap::new();
    for package in packages {
        let needed = package["dependencies"].as_array().expect("dependencies").iter();
        let needed = needed.filter(|d| d["kind"].is_null()).filter_map(|d| d["name"].as_str());
        let name = package["name"].as_str().expect("a name").to_owned();
        found.insert(name, needed.map(str::to_owned).collect());
    }
    found
}

#[test]
fn crates_depend_in_one_direction() {
    let allowed: &[(&str, &[&str])] = &[
        ("domain", &[]),
        ("auth0", &["domain"]),
        ("store", &["domain"]),
        ("engine", &["domain", "auth0", "store"]),
        ("report", &["domain"]),
        ("api", &["domain", "auth0", "store", "engine", "report"]),
        ("simulator", &[]),
        ("server", &["domain", "auth0", "store", "engine", "report", "api", "simulator"]),
    ];
    let ours: BTreeSet<&str> = allowed.iter().map(|(name, _)| *name).collect();
    let found = dependencies();
    for (name, may) in allowed {
        let depends = found[*name].iter().filter(|d| ours.contains(d.as_str()));
        for dependency in depends {
            assert!(may.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
    let unplaced: Vec<_> =
        found.keys().filter(|n| !ours.contains(n.as_str()) && !n.starts_with("tests")).collect();
    assert!(unplaced.is_empty(), "crates without a place in the order: {unplaced:?}");
}

#[test]
fn libraries_are_used_only_by_their_crates() {
    let fences: &[(&str, &[&str])] = &[
        ("reqwest", &["auth0"]),
        ("sqlx", &["store"]),
        ("axum", &["api", "simulator"]),
        ("utoipa", &["api"]),
        ("utoipa-axum", &["api"]),
        ("jsonwebtoken", &["api", "simulator"]),
        ("clap", &["server"]),
        ("anyhow", &["server"]),
        ("maud", &["report"]),
    ];
    for (name, needed) in dependencies().iter().filter(|(name, _)| !name.starts_with("tests")) {
        for (library, users) in fences {
            let is_used = needed.contains(*library);
            assert!(!is_used || users.contains(&name.as_str()), "{name} must not use {library}");
        }
    }
}

#[test]
fn domain_needs_no_runtime() {
    let domain = &dependencies()["domain"];
    for library in ["tokio", "futures-util", "tracing", "hyper"] {
        assert!(!domain.contains(library), "domain is pure: it must not use {library}");
    }
}

#[test]
fn no_file_is_longer_than_300_lines() {
    let mut long = Vec::new();
    for file in sources(&root()) {
        let lines = std::fs::read_to_string(&file).expect("sources are text").lines().count();
        let shown = file.strip_prefix(root()).expect("below the root").display().to_string();
        if lines > LINES_MAX && !LONGER.iter().any(|(path, _)| *path == shown) {
            long.push(format!("{shown}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "over {LINES_MAX} lines: {long:#?}");
}

#[test]
fn every_file_starts_with_a_module_comment() {
    for file in sources(&root().join("crates")) {
        let text = std::fs::read_to_string(&file).expect("sources are text");
        let is_tests = file.file_name().is_some_and(|name| name == "tests.rs");
        assert!(is_tests || text.starts_with("//!"), "{} starts without //!", file.display());
    }
}

#[test]
fn queries_run_in_transactions_of_an_organisation() {
    // What runs on the bare pool is nobody's: each file with how often it is used there, and for what.
    let allowed: &[(&str, usize)] = &[
        ("connect.rs", 1),       // the accessor
        ("preflight.rs", 1),     // what the login itself may do
        ("notifications.rs", 2), // the address, and notifications, which hold no rows
        ("transaction.rs", 1),   // begins the transactions that everything else runs in
    ];
    let place = root().join("crates/store/src");
    for file in sources(&place) {
        let text = std::fs::read_to_string(&file).expect("sources are text");
        let used = text.matches(".pool").count();
        let name = file.strip_prefix(&place).expect("below it").display().to_string();
        let expected =
            allowed.iter().find(|(file, _)| *file == name).map_or(0, |(_, times)| *times);
        assert_eq!(used, expected, "{name} uses the pool: begin_for(organisation) instead");
    }
}

#[test]
fn migrations_are_named_by_time_and_verb() {
    for entry in std::fs::read_dir(root().join("migrations")).expect("migrations/") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let (time, rest) = name.split_once('_').expect("<timestamp>_<verb phrase>.sql");
        assert!(time.len() == 14 && time.bytes().all(|b| b.is_ascii_digit()), "{name}");
        let is_sql = rest.strip_suffix(".sql").is_some_and(|verb| verb.contains('_'));
        assert!(is_sql && rest == rest.to_lowercase(), "{name}");
    }
}

fn sources(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![below.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "data" | ".git" | "node_modules") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn paths_named_in_the_threat_model_exist() {
    let text = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let places: Vec<_> = quoted
        .filter(|each| ["crates/", "tests/", "fuzz/"].iter().any(|at| each.starts_with(at)))
        .collect();
    assert!(places.len() > 20, "{places:?}");
    for place in places {
        assert!(root().join(place).exists(), "SECURITY.md names {place}");
    }
}
