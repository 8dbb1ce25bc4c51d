//! Checks on one number.

use serde_json::{Value, json};

use super::{Bodies, family, judge_without};
use crate::checks::testing::{
    PASS, change, evidence, judge, reading, severity, unknown, violation,
};
use crate::checks::{Bound, Check, Judgement, Limit, Rule};

fn limits() -> Vec<(&'static Check, Limit)> {
    family(5, |rule| match rule {
        Rule::Limit(limit) => Some(limit),
        _ => None,
    })
}

/// The judgement on a resource whose other members are as they should be.
fn with(check: &Check, limit: Limit, value: Value) -> Judgement {
    let mut bodies = Bodies::hardened();
    bodies.set(limit.kind, limit.pointer, value);
    judge(check, reading(limit.kind, bodies.0[&limit.kind].clone()))
}

/// The last number that passes, the first one beyond it, and the form of the limit in evidence.
fn edge(limit: Limit) -> (u64, u64, Value) {
    match limit.bound {
        Bound::AtMost(most) => (most.default, most.default + 1, json!({"at_most": most.default})),
        Bound::AtLeast(least) => {
            (least.default, least.default - 1, json!({"at_least": least.default}))
        }
    }
}

#[test]
fn a_number_past_its_limit_fails_and_the_fix_sets_the_limit() {
    for (check, limit) in limits() {
        let (last, first, expected) = edge(limit);
        assert_eq!(with(check, limit, json!(last)), PASS, "{}", check.id);
        let judged = with(check, limit, json!(first));
        assert_eq!(severity(judged.clone()), check.severity, "{}", check.id);
        let shown = (limit.pointer.to_owned(), json!(first), expected);
        assert_eq!(evidence(judged.clone()), shown, "{}", check.id);
        if limit.fix.is_some() {
            let (body, undo) = change(judged);
            assert_eq!(body.pointer(limit.pointer), Some(&json!(last)), "{}", check.id);
            assert_eq!(undo.pointer(limit.pointer), Some(&json!(first)), "{}", check.id);
        } else {
            assert_eq!(violation(judged).change, None, "{}", check.id);
        }
    }
}

#[test]
fn a_number_past_the_limit_that_is_further_off_is_worse() {
    let mut tried = 0;
    for (check, limit) in limits() {
        let Some((far, worse)) = limit.worse else { continue };
        assert!(worse > check.severity, "{}", check.id);
        let (milder, first_worse, extreme) = match limit.bound {
            Bound::AtMost(_) => (far.default, far.default + 1, far.max),
            Bound::AtLeast(_) => (far.default + 1, far.default, 0),
        };
        let severity_of = |value: u64| severity(with(check, limit, json!(value)));
        assert_eq!(severity_of(milder), check.severity, "{}", check.id);
        assert_eq!(severity_of(first_worse), worse, "{}", check.id);
        assert_eq!(severity_of(extreme), worse, "{}", check.id);
        tried += 1;
    }
    assert!(tried >= 4, "{tried}");
}

#[test]
fn a_number_that_is_missing_or_mistyped_makes_its_check_unknown() {
    for (check, limit) in limits() {
        let (parent, _) = limit.pointer.rsplit_once('/').unwrap();
        let ancestors = parent.match_indices('/').skip(1).map(|(at, _)| &parent[..at]);
        let above = ancestors.chain([parent]).filter(|pointer| !pointer.is_empty());
        for pointer in above.chain([limit.pointer]) {
            let missing = judge_without(check, limit.kind, pointer);
            assert_eq!(missing, unknown(), "{} {pointer}", check.id);
        }
        for mistyped in [json!("x"), json!(-1), json!(1.5), json!({"a new": "form"})] {
            assert_eq!(with(check, limit, mistyped), unknown(), "{}", check.id);
        }
    }
}
