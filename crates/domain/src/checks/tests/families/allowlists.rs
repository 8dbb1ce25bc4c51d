//! Checks on the entries of an allowlist.

use serde_json::json;

use super::{family, judge_body, judge_without};
use crate::checks::allowlist::Allowlist;
use crate::checks::testing::{PASS, change, evidence, severity, unknown, violation};
use crate::checks::{Check, Judgement, Rule, Severity};

type Family = Vec<(&'static Check, &'static Allowlist)>;

fn not_empty() -> Family {
    family(3, |rule| match rule {
        Rule::AllowlistNotEmpty(list) => Some(list),
        _ => None,
    })
}

fn too_broad() -> Family {
    family(3, |rule| match rule {
        Rule::AllowlistTooBroad { list, .. } => Some(list),
        _ => None,
    })
}

fn non_public() -> Family {
    family(3, |rule| match rule {
        Rule::AllowlistNonPublic(list) => Some(list),
        _ => None,
    })
}

fn overlapping() -> Family {
    family(1, |rule| match rule {
        Rule::AllowlistOverlapping(list) => Some(list),
        _ => None,
    })
}

fn near_limit() -> Family {
    family(1, |rule| match rule {
        Rule::AllowlistNearLimit { list, .. } => Some(list),
        _ => None,
    })
}

fn with(check: &Check, list: &Allowlist, entries: &[&str]) -> Judgement {
    judge_body(check, list.kind, json!({"allowlist": entries}))
}

#[test]
fn every_entry_of_a_list_is_named_in_order_and_the_fix_empties_the_list() {
    for (check, list) in not_empty() {
        let judged = with(check, list, &["8.8.8.8", "1.1.1.1"]);
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let found = json!(["1.1.1.1", "8.8.8.8"]);
        assert_eq!(evidence(judged.clone()), ("/allowlist".into(), found.clone(), json!([])));
        assert_eq!(change(judged), (json!({"allowlist": []}), json!({"allowlist": found})));
        assert_eq!(with(check, list, &[]), PASS, "{}", check.id);
    }
}

#[test]
fn broad_entries_are_named_and_the_fix_keeps_the_others() {
    for (check, list) in too_broad() {
        let judged = with(check, list, &["8.8.8.0/23", "8.8.8.8", "2600::/40"]);
        let (_, found, expected) = evidence(judged.clone());
        assert_eq!((found, expected), (json!(["2600::/40", "8.8.8.0/23"]), json!([])));
        let undo = json!({"allowlist": ["2600::/40", "8.8.8.0/23", "8.8.8.8"]});
        assert_eq!(change(judged), (json!({"allowlist": ["8.8.8.8"]}), undo), "{}", check.id);
        assert_eq!(with(check, list, &["8.8.8.0/24", "2600::/48"]), PASS, "{}", check.id);
    }
}

#[test]
fn the_broadest_entry_gives_the_severity() {
    for (check, list) in too_broad() {
        let severity_of = |entries: &[&str]| severity(with(check, list, entries));
        assert_eq!(severity_of(&["8.8.8.0/23", "2600::/47"]), Severity::High, "{}", check.id);
        assert_eq!(severity_of(&["8.0.0.0/9"]), Severity::High, "{}", check.id);
        assert_eq!(severity_of(&["8.8.8.0/23", "8.0.0.0/8"]), Severity::Critical, "{}", check.id);
        assert_eq!(severity_of(&["::/0"]), Severity::Critical, "{}", check.id);
    }
}

#[test]
fn special_addresses_are_named_and_the_fix_keeps_the_others() {
    for (check, list) in non_public() {
        let judged = with(check, list, &["8.8.8.8", "192.168.0.1", "::ffff:10.0.0.1"]);
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let found = json!(["192.168.0.1", "::ffff:10.0.0.1"]);
        assert_eq!(evidence(judged.clone()).1, found, "{}", check.id);
        let undo = json!({"allowlist": ["192.168.0.1", "8.8.8.8", "::ffff:10.0.0.1"]});
        assert_eq!(change(judged), (json!({"allowlist": ["8.8.8.8"]}), undo), "{}", check.id);
        let public = ["8.8.8.8", "2606:4700::/48", "0.0.0.0/0"];
        assert_eq!(with(check, list, &public), PASS, "{}", check.id);
    }
}

#[test]
fn an_entry_that_is_not_understood_makes_a_check_unknown_unless_another_entry_fails_it() {
    for (check, list) in too_broad() {
        for entry in ["0.0.0.0-255.255.255.255", "gateway.acme.example", "*", "8.8.8.8/99"] {
            assert_eq!(with(check, list, &["8.8.8.8", entry]), unknown(), "{entry}");
            let judged = with(check, list, &[entry, "8.0.0.0/8"]);
            assert_eq!(evidence(judged).1, json!(["8.0.0.0/8"]), "{} {entry}", check.id);
        }
    }
    for (check, list) in non_public() {
        for entry in ["0.0.0.0-255.255.255.255", "localhost"] {
            assert_eq!(with(check, list, &["8.8.8.8", entry]), unknown(), "{entry}");
            let judged = with(check, list, &[entry, "10.0.0.1"]);
            assert_eq!(evidence(judged).1, json!(["10.0.0.1"]), "{} {entry}", check.id);
        }
    }
}

#[test]
fn repeated_covered_and_malformed_entries_are_named_and_the_fix_exempts_the_same_addresses() {
    for (check, list) in overlapping() {
        let entries = ["8.8.8.0/24", "8.8.8.8", "1.1.1.1", "1.1.1.1", "everything"];
        let judged = with(check, list, &entries);
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        assert_eq!(evidence(judged.clone()).1, json!(["1.1.1.1", "8.8.8.8", "everything"]));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"allowlist": ["1.1.1.1", "8.8.8.0/24"]}), "{}", check.id);
        assert_eq!(undo["allowlist"].as_array().map(Vec::len), Some(5), "{}", check.id);
        assert_eq!(with(check, list, &["8.8.8.0/24", "8.8.9.0/24", "2600::1"]), PASS);
        assert_eq!(with(check, list, &[]), PASS, "{}", check.id);
    }
}

#[test]
fn a_list_near_its_limit_is_shown_whole_without_a_fix() {
    for (check, list) in near_limit() {
        let many = |n: usize| {
            let entries: Vec<String> = (0..n).map(|last| format!("8.8.8.{last}")).collect();
            judge_body(check, list.kind, json!({"allowlist": entries}))
        };
        let shown = violation(many(80));
        assert_eq!(shown.evidence[0].found.as_array().map(Vec::len), Some(80), "{}", check.id);
        assert_eq!((shown.severity, shown.change), (check.severity, None), "{}", check.id);
        assert_eq!(many(79), PASS, "{}", check.id);
    }
}

#[test]
fn a_list_that_is_absent_or_of_another_type_makes_its_checks_unknown() {
    let families = [not_empty(), too_broad(), non_public(), overlapping(), near_limit()];
    for (check, list) in families.into_iter().flatten() {
        assert_eq!(judge_without(check, list.kind, "/allowlist"), unknown(), "{}", check.id);
        let text = json!({"allowlist": "8.8.8.8"});
        assert_eq!(judge_body(check, list.kind, text), unknown(), "{}", check.id);
    }
}
