//! What of a sync's effect on the findings is the policy's alone, where that is another than at the sync
//! before: so that a looser policy does not look like a mended tenant. Pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::checks::{Check, CheckResult, EffectiveThresholds, Evaluation, Evidence};
use crate::finding::FindingKey;
use crate::policy::Policy;

/// Another policy than at the sync before.
#[derive(Debug, Clone)]
pub struct PolicyChange {
    /// By what the sync before judged.
    pub former: Policy,
    /// By what this one does.
    pub present: Policy,
    /// The tenant as it is now, judged by the former policy.
    pub by_former: Evaluation,
}

impl PolicyChange {
    /// What the former policy says of it now; none where it says nothing of it.
    pub(super) fn formerly(&self, key: &FindingKey) -> Option<&CheckResult> {
        let outcome = self.by_former.outcomes.iter().find(|o| o.check.id == key.check_id)?;
        let found = outcome.results.iter().find(|each| each.resource == key.resource)?;
        Some(&found.result)
    }
}

/// What is expected, now that the check passes, of a value that was evidence of its failure. Where the
/// policy changed it is the number in force, if it is plain which one that is. Null where the value would
/// not be as expected: then it is the policy that no longer minds it.
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
        // Another number than one of this check's own, so nobody can say what is asked now.
        None if change.is_some() && !check.thresholds.is_empty() => return Value::Null,
        None => asked,
    };
    let contradicts = found.as_f64().is_some_and(|found| {
        // Numbers of conditions are far below what a double holds exactly.
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

/// What is now in force of the numbers that were this one formerly.
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
    fn what_is_expected_is_what_is_in_force_and_never_contradicts_what_is_found() {
        let by_former = evaluate_by(&readings(&[]), &choosing(8));
        let change = PolicyChange { former: choosing(8), present: choosing(12), by_former };
        let change = Some(&change);
        for (change, asked, found, expected_now) in [
            (None, json!({"at_most": 8}), json!(5), json!({"at_most": 8})),
            // Of a policy before the former one.
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
