//! What holds of every tenant, tried on random ones: what goes missing never turns a verdict round,
//! and the fix of a finding resolves it and never lowers the score.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

use super::cases::cases;
use super::fixtures::Bodies;
use crate::checks::testing::{is_assumed, reading};
use crate::checks::{CheckOutcome, CheckResult, Evaluation, evaluate, evaluate_by};
use crate::inconclusive::UnknownReason;
use crate::policy::Policy;
use crate::readings::ReadingKind;
use crate::remediation::Fix;
use crate::score::score;
use crate::tenant::{Outcome, Tenant};

/// Of what can go missing, each tenant is tried without one part: all of it takes half a minute.
const PARTS: usize = 8;

type Tried = Result<(), TestCaseError>;
type Setting = (ReadingKind, &'static str, Value);

/// Values that no case has: mostly what is new, malformed or far over a bound.
fn more_settings() -> Vec<Setting> {
    let written = include_str!("../testing/more_settings.json");
    let mut settings: Vec<Setting> = serde_json::from_str(written).unwrap();
    let crowded = (1..=36).map(|age| Bodies::day(age, 0, 40 * age.unsigned_abs(), 12)).collect();
    settings.push((ReadingKind::DailyStats, "", crowded));
    settings
}

/// Each reading as hardened or as untouched, with some settings of the cases and of the above.
pub fn tenants() -> impl Strategy<Value = Bodies> {
    let cases = cases().into_iter().flat_map(|case| case.set);
    let settings: Vec<Setting> = cases.chain(more_settings()).collect();
    let chosen = vec(0..settings.len(), 0..20);
    (vec(any::<bool>(), ReadingKind::ALL.len()), chosen, Just(settings)).prop_map(
        |(is_hardened, chosen, settings)| {
            let (hardened, mut bodies) = (Bodies::hardened(), Bodies::untouched());
            for (kind, _) in ReadingKind::ALL.iter().zip(is_hardened).filter(|(_, yes)| *yes) {
                bodies.set(*kind, "", hardened.0[kind].clone());
            }
            for (kind, pointer, value) in chosen.into_iter().map(|index| &settings[index]) {
                if bodies.0[kind].pointer(pointer).is_some() {
                    bodies.set(*kind, pointer, value.clone());
                }
            }
            bodies
        },
    )
}

/// Fields whose absence says something: also of a grant for whom it is, and of passwords that the policy has a length.
fn may_be_unset(kind: ReadingKind, body: &Value, pointer: &str) -> bool {
    let is_for_all = kind == ReadingKind::ClientGrants && pointer.ends_with("/client_id");
    let is_by_policy = pointer.ends_with("/password_complexity_options/min_length");
    is_for_all || is_by_policy || is_assumed(kind, body, pointer)
}

/// A JSON Pointer to each member of each object; of long lists, to those of some items.
fn members(value: &Value, at: &str, found: &mut Vec<String>) {
    const ITEMS: usize = 6;
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, v)| (format!("{at}/{key}"), v)).collect(),
        Value::Array(items) => {
            let some = items.iter().enumerate().rev().step_by(1 + items.len() / ITEMS);
            some.map(|(index, v)| (format!("{at}/{index}"), v)).collect()
        }
        _ => return,
    };
    for (pointer, inner) in inner {
        members(inner, &pointer, found);
        if value.is_object() {
            found.push(pointer);
        }
    }
}

fn without(body: &Value, pointer: &str) -> Value {
    let mut body = body.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
    body
}

fn with(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

/// Everything that can go missing: a reading, by not being there or by being refused; a field, by
/// not being there or by being new.
fn losses(bodies: &Bodies) -> Vec<(String, ReadingKind, Option<Outcome>)> {
    let mut losses = Vec::new();
    for (kind, body) in &bodies.0 {
        let (reason, message) = (UnknownReason::RateLimited, String::new());
        let refused = Outcome::Unreadable { reason, message };
        losses.push((kind.name().to_owned(), *kind, Some(refused)));
        losses.push((kind.name().to_owned(), *kind, None));
        let mut pointers = Vec::new();
        members(body, "", &mut pointers);
        for pointer in pointers {
            let lost = (!may_be_unset(*kind, body, &pointer)).then(|| without(body, &pointer));
            // An object of other members only lacks those that are known.
            let is_object = body.pointer(&pointer).is_some_and(Value::is_object);
            let new = if is_object { json!("new") } else { json!({"new": 1}) };
            for changed in lost.into_iter().chain([with(body, &pointer, new)]) {
                let changed = reading(*kind, changed).outcome(*kind).cloned();
                losses.push((format!("{} {pointer}", kind.name()), *kind, changed));
            }
        }
    }
    losses
}

/// The tenant after a loss.
fn after(tenant: &Tenant, kind: ReadingKind, outcome: Option<Outcome>) -> Tenant {
    let mut after = Tenant::new(tenant.client_id.as_str(), tenant.observed_at);
    for (other, outcome) in tenant.outcomes().filter(|(other, _)| *other != kind) {
        after.insert(other, outcome.clone());
    }
    if let Some(outcome) = outcome {
        after.insert(kind, outcome);
    }
    after
}

pub fn result_of<'a>(outcome: &'a CheckOutcome, resource: &str) -> Option<&'a CheckResult> {
    outcome.results.iter().find(|each| each.resource == resource).map(|each| &each.result)
}

/// What each check says of each resource. An undo states what was absent before.
fn results(evaluation: &Evaluation) -> Vec<(&str, &str, &str)> {
    let mut results = Vec::new();
    for outcome in &evaluation.outcomes {
        let each = outcome.results.iter();
        results.extend(each.map(|it| (outcome.check.id, it.resource.as_str(), it.result.name())));
    }
    results
}

/// No verdict turned round: nothing that failed passes or is gone, nothing new fails.
fn compare(before: &Evaluation, after: &Evaluation, what: &str) -> Tried {
    for was in &before.outcomes {
        let id = was.check.id;
        // Without the token no optional scope is known.
        let Some(is) = after.outcomes.iter().find(|is| is.check.id == id) else { continue };
        for each in &was.results {
            if let CheckResult::Fail(_) = each.result {
                let now = result_of(is, &each.resource);
                let resolves = now.map_or(is.is_complete, |now| *now == CheckResult::Pass);
                prop_assert!(!resolves, "{id} of {} resolved without {what}", each.resource);
            }
        }
        for each in &is.results {
            if let CheckResult::Fail(_) = each.result {
                let before = result_of(was, &each.resource);
                let failed = matches!(before, Some(CheckResult::Fail(_)));
                prop_assert!(failed, "{id} of {} opened without {what}", each.resource);
            }
        }
    }
    Ok(())
}

/// The fix of each finding resolves it, never lowers the score, and can be undone. Returns the checks
/// whose findings are all resolved by it.
pub(super) fn assert_remediations_fix(
    bodies: &Bodies,
    policy: &Policy,
    with_score: bool,
) -> Result<BTreeSet<&'static str>, TestCaseError> {
    let mut resolved = BTreeMap::new();
    let before = evaluate_by(&bodies.tenant(), policy);
    for outcome in &before.outcomes {
        for each in &outcome.results {
            let CheckResult::Fail(violation) = &each.result else { continue };
            prop_assert!(!violation.evidence.is_empty(), "{}", outcome.check.id);
            let Some(change) = violation.change.clone() else { continue };
            let fix = Fix::for_change(outcome.check, &each.resource, change).unwrap();
            let mut fixed = bodies.tenant();
            prop_assert_eq!(fix.call.apply_to(&mut fixed), Ok(()), "{}", outcome.check.id);
            let after = evaluate_by(&fixed, policy);
            let is = after.outcomes.iter().find(|o| o.check.id == outcome.check.id).unwrap();
            let after_fix = result_of(is, &each.resource);
            let still_fails = matches!(after_fix, Some(CheckResult::Fail(_)));
            prop_assert!(!still_fails, "{} still fails", outcome.check.id);
            // Beside values that are not understood a check may be unknown once it is fixed.
            let is_resolved =
                matches!(after_fix, Some(CheckResult::Pass | CheckResult::NotApplicable(_)));
            let is_no_worse = !with_score || score(&after) >= score(&before);
            prop_assert!(is_no_worse, "{} lowers the score", outcome.check.id);
            prop_assert_eq!(fix.undo.apply_to(&mut fixed), Ok(()), "{}", outcome.check.id);
            let after = evaluate_by(&fixed, policy);
            let is_undone = results(&after) == results(&before);
            prop_assert!(is_undone, "{} is not undone", outcome.check.id);
            *resolved.entry(outcome.check.id).or_insert(true) &= is_resolved;
        }
    }
    Ok(resolved.into_iter().filter(|(_, all)| *all).map(|(id, _)| id).collect())
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    #[test]
    fn what_goes_missing_never_turns_a_verdict_round(bodies in tenants(), part in 0..PARTS) {
        let tenant = bodies.tenant();
        let before = evaluate(&tenant);
        for (what, kind, outcome) in losses(&bodies).into_iter().skip(part).step_by(PARTS) {
            compare(&before, &evaluate(&after(&tenant, kind, outcome)), &what)?;
        }
    }

    #[test]
    fn the_fix_of_a_finding_resolves_it_and_never_lowers_the_score(bodies in tenants()) {
        assert_remediations_fix(&bodies, &Policy::default(), true)?;
    }
}
