//! Inside each crate, modules import downwards only. A new module takes its place in the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{root, sources};

/// The modules of each crate from top to bottom. Modules on one line import each other: an existing circle, which
/// is meant to be broken.
#[rustfmt::skip]
const LAYERS: &[(&str, &[&str])] = &[
    ("api", &[
        "recorder", "openapi", "routes", "extract", "pagination", "state", "export", "middleware",
        "operation", "wire", "problem", "limits", "auth",
    ]),
    ("domain", &[
        "health", "reminder", "remediation", "preview", "score", "reconcile", "ocsf", "history", "form", "integration",
        "frequency", "drift", "credential", "connection_test coverage", "recorded_evaluation", "snapshot",
        "sync", "connection", "acceptance finding", "clock", "checks policy readings scope tenant", "fault",
        "ids", "address", "special_addresses",
    ]),
    ("auth0", &[
        "client origin reading session token", "user_agent", "transport", "redact", "rate_limit", "sleep",
        "guard", "connect_error", "time", "config", "bounded",
    ]),
    ("store", &[
        "retention", "reminders", "readiness", "preflight", "policies", "key_rotation", "idempotency",
        "database_roles", "assets findings integrations judgements syncs", "notifications", "history",
        "audit connect credentials transaction", "keyring", "page", "convert", "error",
    ]),
    ("engine", &[
        "worker", "sync_run", "syncs", "sync_summary", "sync_result", "reminders", "progress", "preview",
        "policy", "offline", "leases", "integrations", "history_entries", "failure", "drift", "db_timeout",
        "credentials", "failed_logins", "connection_test", "hints", "evaluation", "secret_rotation",
        "permitted_readings", "audit_queue", "acceptance", "error", "actor",
    ]),
    ("server", &[
        "commands", "open_files", "demo", "signals", "print", "logging", "wiring", "jwks", "generated_keys",
        "embedded", "random", "data_dir", "config", "slow_clients", "cli",
    ]),
];

#[test]
fn modules_import_downwards() {
    let mut wrong = Vec::new();
    for (name, layers) in LAYERS {
        let source = root().join("crates").join(name).join("src");
        let level = |module: &str| {
            layers.iter().position(|line| line.split(' ').any(|each| each == module))
        };
        let modules = imports(&source);
        let listed = layers.iter().flat_map(|line| line.split(' '));
        let gone = listed.filter(|module| !modules.contains_key(*module));
        wrong.extend(gone.map(|module| format!("{name}: there is no module {module}")));
        for (module, imported) in modules {
            let Some(from) = level(&module) else {
                wrong.push(format!("{name}: {module} has no place in the table"));
                continue;
            };
            let upwards = imported.iter().filter(|each| level(each).is_some_and(|to| to < from));
            wrong.extend(
                upwards.map(|each| format!("{name}: {module} imports {each}, which is above it")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Each top-level module of a crate, with those that it imports outside of tests.
fn imports(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let at_root = reexports(source);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(source) {
        let path = file.strip_prefix(source).expect("below the folder").with_extension("");
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let module = parts[0].clone();
        let is_test = parts.iter().any(|part| part == "tests" || part == "testing");
        if is_test || ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let text = code(&std::fs::read_to_string(&file).expect("sources are text"));
        let mut names = names_after(&text, "crate::");
        if parts.len() == 1 {
            names.extend(names_after(&text, "super::"));
        }
        let modules = names.into_iter().map(|name| at_root.get(&name).cloned().unwrap_or(name));
        let of_module = found.entry(module.clone()).or_default();
        of_module.extend(modules.filter(|each| *each != module));
    }
    found
}

/// What the root of a crate exports, with the module that it comes from.
fn reexports(source: &Path) -> BTreeMap<String, String> {
    let file =
        ["lib.rs", "main.rs"].map(|name| source.join(name)).into_iter().find(|file| file.exists());
    let text =
        code(&std::fs::read_to_string(file.expect("a crate root")).expect("sources are text"));
    let uses =
        text.split(';').filter_map(|statement| statement.split_once("use ")?.1.split_once("::"));
    let names = uses.flat_map(|(module, rest)| {
        let words =
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        words.map(move |word| (word.to_owned(), module.trim().to_owned()))
    });
    names.collect()
}

/// Without comments and unit tests.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The first name of each path that begins with `prefix`, those of a group in braces included.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(first_name(rest));
            continue;
        };
        let (mut depth, mut is_start) = (1, true);
        for (index, each) in group.char_indices() {
            if is_start && !each.is_whitespace() {
                names.push(first_name(&group[index..]));
                is_start = false;
            }
            match each {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => is_start = true,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|each| each.is_alphanumeric() || *each == '_').collect()
}
