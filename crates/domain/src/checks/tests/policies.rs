//! Thresholds and severities that an organisation chose: the declarations of the catalogue, and what
//! holds of every tenant whatever was chosen.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::json;

use super::fixtures::Bodies;
use super::properties::{assert_remediations_fix, result_of, tenants};
use super::{failing, result};
use crate::checks::{
    CATALOGUE, CheckResult, Condition, EffectiveThresholds, Rule, Severity, Threshold, evaluate,
    evaluate_by, find,
};
use crate::policy::Policy;
use crate::readings::ReadingKind;
use crate::score::score;

/// Checks that a stricter number, smaller or larger, can only make fail more often: of each the
/// threshold, and whether less is stricter. Where a failure may pass on to another check, as from
/// high to extreme, neither is here.
const MONOTONE: [(&str, &str, bool); 16] = [
    ("brute-force-threshold-extreme", "max_attempts", true),
    ("brute-force-lockout-abusable", "min_attempts", false),
    ("brute-force-allowlist-too-broad", "ipv4_broad_below", false),
    ("suspicious-ip-login-threshold-high", "max_attempts", true),
    ("suspicious-ip-login-rate-high", "min_rate_ms", false),
    ("suspicious-ip-signup-threshold-high", "max_attempts", true),
    ("suspicious-ip-signup-rate-loosest", "loosest_rate_ms", false),
    ("suspicious-ip-token-exchange-loosened", "min_rate_ms", false),
    ("suspicious-ip-allowlist-near-limit", "many_entries", true),
    ("risk-device-remembered-too-long", "max_days", true),
    ("signup-spike", "times_the_median", true),
    ("integration-token-lifetime-long", "max_seconds", true),
    ("api-token-lifetime-long", "max_seconds", true),
    ("connection-password-policy-weak", "min_length", false),
    ("session-lifetime-long", "max_hours", true),
    ("signing-key-old", "max_days", true),
];

fn thresholds() -> impl Iterator<Item = &'static Threshold> {
    CATALOGUE.iter().flat_map(|check| check.thresholds).copied()
}

fn choosing(check: &str, name: &str, value: u64) -> Policy {
    let of_check = [(name.to_owned(), value)].into();
    Policy { thresholds: [(check.to_owned(), of_check)].into(), ..Policy::default() }
}

/// Some numbers, at and around the ends and the default; those that contradict others are dropped.
fn policies() -> impl Strategy<Value = Policy> {
    let one = |threshold: &'static Threshold| {
        let Threshold { default, min, max, .. } = *threshold;
        let near = [default.saturating_sub(1), default + 1, default / 2, default.saturating_mul(2)];
        let value = prop_oneof![
            Just(min),
            Just(max),
            (0..near.len()).prop_map(move |index| near[index].clamp(min, max)),
            min..=max,
        ];
        (any::<u8>(), value).prop_map(move |(die, value)| (die % 3 == 0).then_some(value))
    };
    thresholds().map(one).collect::<Vec<_>>().prop_map(|chosen| {
        let mut policy = Policy::default();
        for (threshold, value) in thresholds().zip(chosen) {
            if let Some(value) = value {
                let of_check = policy.thresholds.entry(threshold.check.to_owned()).or_default();
                of_check.insert(threshold.name.to_owned(), value);
            }
        }
        while let Some((lower, upper)) = contradiction(&policy) {
            for threshold in [lower, upper] {
                policy.thresholds.get_mut(threshold.check).map(|of| of.remove(threshold.name));
            }
        }
        policy
    })
}

fn contradiction(policy: &Policy) -> Option<(&'static Threshold, &'static Threshold)> {
    let terms = EffectiveThresholds::under_policy(policy);
    let pairs = thresholds().filter_map(|lower| Some((lower, lower.not_above?)));
    pairs.into_iter().find(|(lower, upper)| terms.value_of(lower) > terms.value_of(upper))
}

pub(super) fn severities() -> impl Strategy<Value = BTreeMap<String, Severity>> {
    btree_map(0..CATALOGUE.len(), 0..Severity::ALL.len(), 0..30).prop_map(|chosen| {
        let named = |(check, severity): (usize, usize)| {
            (CATALOGUE[check].id.to_owned(), Severity::ALL[severity])
        };
        chosen.into_iter().map(named).collect()
    })
}

#[test]
fn thresholds_are_named_bounded_and_sourced() {
    for check in CATALOGUE.iter() {
        let names: BTreeSet<_> = check.thresholds.iter().map(|threshold| threshold.name).collect();
        assert_eq!(names.len(), check.thresholds.len(), "{}", check.id);
        if !names.is_empty() {
            let is_by_terms = matches!(
                check.evaluate,
                Condition::OneWithThresholds(_)
                    | Condition::EachWithThresholds(_)
                    | Condition::Rule(
                        Rule::AllowlistTooBroad { .. }
                            | Rule::AllowlistNearLimit { .. }
                            | Rule::Limit(_)
                    )
            );
            assert!(is_by_terms, "{} never sees its numbers", check.id);
        }
        for threshold in check.thresholds {
            let Threshold { name, title, unit, default, min, max, source, .. } = threshold;
            assert_eq!(threshold.check, check.id);
            let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(name.chars().all(is_allowed), "{name}");
            assert!(min < max && (min..=max).contains(&default), "{} {name}", check.id);
            assert!(title.len() > 10 && !title.ends_with('.') && !unit.is_empty(), "{name}");
            assert!(source.ends_with('.'), "{} {name}", check.id);
        }
    }
    assert_eq!(contradiction(&Policy::default()).map(|(lower, _)| lower.name), None);
    assert!(thresholds().count() > 40);
}

#[test]
fn evidence_and_fix_use_the_threshold_of_the_policy() {
    let mut bodies = Bodies::hardened();
    bodies.set(ReadingKind::BruteForceProtection, "/max_attempts", json!(9));
    assert_eq!(failing(&evaluate(&bodies.tenant())), BTreeMap::new());
    let id = "brute-force-threshold-high";
    let evaluation = evaluate_by(&bodies.tenant(), &choosing(id, "max_attempts", 8));
    assert_eq!(failing(&evaluation), [(id, Severity::Medium)].into());
    let CheckResult::Fail(violation) = result(&evaluation, id) else { panic!("{id} passes") };
    assert_eq!(violation.evidence[0].expected, json!({"at_most": 8}));
    assert_eq!(violation.change.as_ref().unwrap().body, json!({"max_attempts": 8}));
}

#[test]
fn where_high_ends_extreme_begins() {
    let mut bodies = Bodies::hardened();
    let policy = choosing("brute-force-threshold-extreme", "max_attempts", 20);
    for (attempts, failing_then) in [
        (20, "brute-force-threshold-high"),
        (21, "brute-force-threshold-extreme"),
        (50, "brute-force-threshold-extreme"),
    ] {
        bodies.set(ReadingKind::BruteForceProtection, "/max_attempts", json!(attempts));
        let found = failing(&evaluate_by(&bodies.tenant(), &policy));
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [failing_then], "{attempts}");
    }
}

#[test]
fn combinations_and_aggravations_go_by_the_same_numbers() {
    let mut bodies = Bodies::untouched();
    let large = "large-user-base-on-default-protection";
    let tenant = bodies.tenant();
    assert_eq!(result(&evaluate(&tenant), large), &CheckResult::Pass);
    let found = evaluate_by(&tenant, &choosing(large, "min_users", 1));
    assert!(matches!(result(&found, large), CheckResult::Fail(_)));
    // The rate of signups is worse where their number is too high: by the organisation's number.
    let (rate, number) =
        ("suspicious-ip-signup-rate-loosest", "suspicious-ip-signup-threshold-high");
    assert_eq!(failing(&evaluate(&tenant))[rate], Severity::Info);
    let found = failing(&evaluate_by(&tenant, &choosing(number, "max_attempts", 49)));
    assert_eq!((found[rate], found[number]), (Severity::Medium, Severity::Medium));
    // A lock-out counts what is too few by the organisation's number, also in the fix of another check.
    bodies.set(ReadingKind::BruteForceProtection, "/max_attempts", json!(5));
    let policy = choosing("brute-force-lockout-abusable", "min_attempts", 6);
    let found = evaluate_by(&bodies.tenant(), &policy);
    let counted = result(&found, "brute-force-distributed-guessing-not-counted");
    let CheckResult::Fail(violation) = counted else { panic!("{counted:?}") };
    assert_eq!(violation.change.as_ref().unwrap().body["max_attempts"], 10);
}

#[test]
fn a_chosen_severity_replaces_any_other_and_weighs_also_where_the_check_passes_or_is_hidden() {
    let choose = |id: &str, severity| Policy {
        severities: [(id.to_owned(), severity)].into(),
        ..Policy::default()
    };
    // Conditional in the catalogue: two networks, one of them critical.
    let mut bodies = Bodies::hardened();
    let list = json!(["8.0.0.0/8", "9.9.0.0/16"]);
    bodies.set(ReadingKind::BruteForceProtection, "/allowlist", list);
    let id = "brute-force-allowlist-too-broad";
    let found = failing(&evaluate_by(&bodies.tenant(), &choose(id, Severity::Low)));
    assert_eq!(found[id], Severity::Low);
    let score_by =
        |bodies: &Bodies, policy: &Policy| score(&evaluate_by(&bodies.tenant(), policy)).unwrap();
    assert!(score_by(&bodies, &choose(id, Severity::Low)) > score_by(&bodies, &Policy::default()));
    // A pass that weighs less lifts what else fails by less.
    let untouched = Bodies::untouched();
    let light = choose("brute-force-protection-off", Severity::Info);
    assert!(score_by(&untouched, &light) < score_by(&untouched, &Policy::default()));
    // What a failing parent hides weighs what was chosen for it.
    let hidden = "breached-password-user-not-notified";
    let heavy = score_by(&untouched, &choose(hidden, Severity::Critical));
    assert!(heavy < score_by(&untouched, &Policy::default()));
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn stating_the_defaults_changes_nothing(bodies in tenants(), stated in vec(any::<bool>(), 200)) {
        let mut policy = Policy::default();
        for (threshold, _) in thresholds().zip(stated).filter(|(_, is_stated)| *is_stated) {
            let of_check = policy.thresholds.entry(threshold.check.to_owned()).or_default();
            of_check.insert(threshold.name.to_owned(), threshold.default);
        }
        let (by_default, by_policy) = (evaluate(&bodies.tenant()), evaluate_by(&bodies.tenant(), &policy));
        for (before, after) in by_default.outcomes.iter().zip(&by_policy.outcomes) {
            prop_assert_eq!(&before.results, &after.results);
            prop_assert_eq!(&before.overall, &after.overall);
        }
        prop_assert_eq!(score(&by_default), score(&by_policy));
    }

    #[test]
    fn a_stricter_number_never_makes_a_failure_pass(
        bodies in tenants(), which in 0..MONOTONE.len(), share in 0..=100_u64
    ) {
        let (id, name, less_is_stricter) = MONOTONE[which];
        let mut declared = find(id).unwrap().thresholds.iter();
        let Threshold { default, min, max, .. } = declared.find(|t| t.name == name).unwrap();
        let end = if less_is_stricter { min } else { max };
        let stricter = default - (default - default.min(end)) * share / 100
            + (end.max(default) - default) * share / 100;
        let tenant = bodies.tenant();
        let of = |policy: &Policy| {
            let mut outcomes = evaluate_by(&tenant, policy).outcomes.into_iter();
            outcomes.find(|outcome| outcome.check.id == id)
        };
        let Some(before) = of(&Policy::default()) else { return Ok(()) };
        let after = of(&choosing(id, name, stricter)).unwrap();
        for each in before.results.iter().filter(|r| matches!(r.result, CheckResult::Fail(_))) {
            let now = result_of(&after, &each.resource);
            prop_assert!(matches!(now, Some(CheckResult::Fail(_))), "{id} {name} {stricter}");
        }
    }

    #[test]
    fn fixes_hold_under_any_thresholds_and_never_lower_the_score(
        bodies in tenants(), policy in policies()
    ) {
        assert_remediations_fix(&bodies, &policy, true)?;
    }

    // Not so of the score: a parent that was made to weigh nothing may hide a child that weighs more
    // once it is seen.
    #[test]
    fn fixes_hold_under_any_severities(
        bodies in tenants(), policy in policies(), severities in severities()
    ) {
        assert_remediations_fix(&bodies, &Policy { severities, ..policy }, false)?;
    }
}
