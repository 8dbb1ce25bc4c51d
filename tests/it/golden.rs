//! Generates `docs/checks.md` from the catalogue. `UPDATE=1` rewrites it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use domain::checks::{CATALOGUE, Check, Threshold};
use domain::scope::REQUIRED;

#[test]
fn the_catalogue_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md");
    let made = document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).expect("docs/ can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/checks.md is not what the catalogue says: run `make bless`");
}

#[test]
fn the_readme_says_how_many_checks_there_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let kept = std::fs::read_to_string(&path).expect("the README is there");
    let (before, after) = kept.split_once("runs the same ").expect("the sentence on checks");
    let (_, after) = after.split_once(" checks").expect("their number");
    let made = format!("{before}runs the same {} checks{after}", CATALOGUE.len());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the README can be written");
    } else {
        assert!(kept == made, "the README has another number of checks: run `make bless`");
    }
}

fn document() -> String {
    let mut text = format!(
        "# Checks\n\n<!-- Generated from `crates/domain/src/checks`; rewrite with `make bless`. -->\n\nThe catalogue has {} \
         checks. A check is `unknown` when its readings failed or their values are not understood. A check that needs \
         an optional scope runs once the scope is granted.\n\n",
        CATALOGUE.len()
    );
    let (core, extended): (Vec<&Check>, Vec<&Check>) =
        CATALOGUE.iter().copied().partition(|check| check.scopes().is_subset(&REQUIRED.into()));
    section(&mut text, "With the three required scopes", &core);
    section(&mut text, "With optional scopes", &extended);
    thresholds(&mut text);
    text
}

fn thresholds(text: &mut String) {
    let line = "| Check | Threshold | Meaning | Unit | Default | Range | Source of the default |\n|---|---|---|---|---|---|---|";
    let about = "Values that an organisation can change in its policy (`PUT /v1/policy`), like the severity of each check.";
    writeln!(text, "## Thresholds\n\n{about}\n\n{line}").expect("writing to a string");
    for threshold in CATALOGUE.iter().flat_map(|check| check.thresholds) {
        let Threshold { check, name, title, unit, default, min, max, source, .. } = threshold;
        writeln!(
            text,
            "| `{check}` | `{name}` | {title} | {unit} | {default} | {min} to {max} | {source} |"
        )
        .expect("writing to a string");
    }
}

fn section(text: &mut String, title: &str, checks: &[&Check]) {
    if checks.is_empty() {
        return;
    }
    let line = "| Check | What is wrong | Severity | Resource | Scopes | NIST SP 800-53 |\n|---|---|---|---|---|---|";
    writeln!(text, "## {title}\n\n{line}").expect("writing to a string");
    for check in checks {
        let scopes: Vec<_> = check.scopes().iter().map(|scope| format!("`{scope}`")).collect();
        let controls: BTreeSet<_> =
            check.controls.iter().flat_map(|set| set.nist_800_53.iter().copied()).collect();
        let controls: Vec<_> = controls.into_iter().collect();
        writeln!(
            text,
            "| `{}` | {} | {} | `{}` | {} | {} |",
            check.id,
            check.title,
            check.severity.name(),
            check.resource,
            scopes.join(" "),
            controls.join(", ")
        )
        .expect("writing to a string");
    }
    text.push('\n');
}
