//! Finds transitions caused by a policy change alone, so that a less strict policy does not look like a
//! fixed tenant.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::checks::{Check, CheckResult, EffectiveThresholds, Evaluation, Evidence};
use crate::finding::FindingKey;
use crate::policy::Policy;

/// A policy that differs from that of the previous sync.
#[derive(Debug, Clone)]
pub struct PolicyChange {
    /// Policy of the previous sync.
    pub former: Policy,
    /// Policy of this sync.
    pub present: Policy,
    /// Evaluation of the current tenant under the former policy.
    pub by_former: Evaluation,
}

impl PolicyChange {
    /// Result under the former policy; none if there is none.
    pub(super) fn formerly(&self, key: &FindingKey) -> Option<&CheckResult> {
        let outcome = self.by_former.outcomes.iter().find(|o| o.check.id == key.check_id)?;
        let found = outcome.results.iter().find(|each| each.resource == key.resource)?;
        Some(&found.result)
    }
}

/// The expectation, now that the check passes, for a value of the earlier evidence. After a policy change
/// it is the threshold in force, if that is unambiguous. Null if the value does not meet it: then the
/// policy no longer constrains the value.
pub(super) fn expected_now(
    check: &Check,
    change: Option<&PolicyChange>,
    evidence: &Evidence,
    found: &Value,
) -> Value {
    let Some((bound, asked)) = number(&evidence.expected) else {
        return evidence.expected.clone();
    };
    let in_force = change.map_or_else(BTreeSet::new, |change| numbers(check, change, asked));
    let asked = match in_force.first() {
        Some(only) if in_force.len() == 1 => *only,
        Some(_) => return Value::Null,
        // Not a threshold of this check: the current expectation is not known.
        None if change.is_some() && !check.thresholds.is_empty() => return Value::Null,
        None => asked,
    };
    let contradicts = found.as_f64().is_some_and(|found| {
        // Thresholds are far below the largest exact integer of an f64.
        let asked = f64::from(u32::try_from(asked).unwrap_or(u32::MAX));
        if bound == AT_MOST { found > asked } else { found < asked }
    });
    if contradicts && !check.thresholds.is_empty() { Value::Null } else { json!({bound: asked}) }
}

const AT_MOST: &str = "at_most";
const AT_LEAST: &str = "at_least";

/// The bound that an expected value is, and its number.
fn number(expected: &Value) -> Option<(&'static str, u64)> {
    let of = |bound| Some((bound, expected.get(bound)?.as_u64()?));
    of(AT_MOST).or_else(|| of(AT_LEAST))
}

/// The current values of the thresholds that formerly had this value.
fn numbers(check: &Check, change: &PolicyChange, asked: u64) -> BTreeSet<u64> {
    let (former, present) = (
        EffectiveThresholds::under_policy(&change.former),
        EffectiveThresholds::under_policy(&change.present),
    );
    let named = check.thresholds.iter().filter(|threshold| former.value_of(threshold) == asked);
    named.map(|threshold| present.value_of(threshold)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::readings;
    use crate::checks::{evaluate_by, find};
    use crate::readings::ReadingKind;

    const HIGH: &str = "brute-force-threshold-high";

    fn choosing(attempts: u64) -> Policy {
        let of = [("max_attempts".to_owned(), attempts)].into();
        Policy { thresholds: [(HIGH.to_owned(), of)].into(), ..Policy::default() }
    }

    fn expected(change: Option<&PolicyChange>, asked: Value, found: &Value) -> Value {
        let evidence =
            Evidence::wrong(ReadingKind::BruteForceProtection, "/max_attempts", json!(50), asked);
        expected_now(find(HIGH).unwrap(), change, &evidence, found)
    }

    #[test]
    fn the_expected_value_is_in_force_and_consistent_with_the_value_found() {
        let by_former = evaluate_by(&readings(&[]), &choosing(8));
        let change = PolicyChange { former: choosing(8), present: choosing(12), by_former };
        let change = Some(&change);
        for (change, asked, found, expected_now) in [
            (None, json!({"at_most": 8}), json!(5), json!({"at_most": 8})),
            // From a policy before the former one.
            (None, json!({"at_most": 8}), json!(10), Value::Null),
            (change, json!({"at_most": 8}), json!(10), json!({"at_most": 12})),
            (change, json!({"at_most": 9}), json!(10), Value::Null),
            (change, json!({"at_most": 9}), json!(9), Value::Null),
            (change, json!(true), json!(true), json!(true)),
        ] {
            assert_eq!(expected(change, asked.clone(), &found), expected_now, "{asked} {found}");
        }
    }
}
