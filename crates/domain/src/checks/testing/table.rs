//! Tables of verdicts: each row changes a tenant that has nothing to find and names what a check says then.

use serde_json::{Value, json};

use super::{Judgement, readings};
use crate::checks::tests::fixtures::Bodies;
use crate::checks::{Check, EffectiveThresholds, Judged, Verdict, Violation};
use crate::inconclusive::{Inconclusive, NotApplicableReason, UnknownReason};
use crate::policy::Policy;
use crate::readings::ReadingKind;
use crate::tenant::{Outcome, Tenant};

/// The tests of one check, as a table: a test is a name and its rows, `change, … => verdict;`.
///
/// A change is an object of new values by pointer into the first reading of the check, or into another reading
/// by its name (`"active_users"`, `"captcha/active_provider_id"`). Anything but an object is the new value at the
/// pointer that follows the name of the check. The value `"(absent)"` removes a member or a reading,
/// `"(not offered)"` makes a reading one that Auth0 does not offer.
///
/// A verdict is `passes`, `unknown` (a value is not understood), `feature_off`, `not_offered`, `left_out` (the
/// check is not about the object), or `fails` with members of the violation: see [`describe`]. Of a collection the
/// verdict is that on the object which the first pointer is into.
macro_rules! verdicts {
    ($check:ident $($pointer:literal)? $(with $($path:ident)::+)?; $($name:ident {
        $($($change:tt),+ => $verdict:ident $({ $($violation:tt)* })?;)+
    })+) => {
        mod verdict_tests {
            use super::*;
            $(use $($path)::+;)?

            const AT: &str = concat!($($pointer)?);

            $(
                #[test]
                fn $name() {
                    $($crate::checks::testing::assert_verdicts(
                        &$check,
                        AT,
                        &[$(serde_json::json!($change)),+],
                        stringify!($verdict),
                        &serde_json::json!({ $($($violation)*)? }),
                    );)+
                }
            )+
        }
    };
}
pub(crate) use verdicts;

/// Asserts a verdict, and members of the violation, after each of some changes.
#[track_caller]
pub fn assert_verdicts(
    check: &Check,
    pointer: &str,
    changes: &[Value],
    verdict: &str,
    violation: &Value,
) {
    for change in changes {
        let what = format!("{} after {change}", check.id);
        let judged = judge_changed(check, pointer, change);
        assert_eq!(name(judged.as_ref()), verdict, "{what}: {judged:?}");
        let Some(Ok(Verdict::Fail(found))) = judged else { continue };
        let found = describe(&found);
        for (member, expected) in violation.as_object().unwrap() {
            let member = format!("/{member}");
            assert_eq!(found.pointer(&member), Some(expected), "{what}: {member}");
        }
    }
}

/// The name of a verdict in a table.
fn name(judged: Option<&Judgement>) -> &'static str {
    match judged {
        None => "left_out",
        Some(Ok(Verdict::Pass)) => "passes",
        Some(Ok(Verdict::Fail(_))) => "fails",
        Some(Err(Inconclusive::Unknown(UnknownReason::NotUnderstood))) => "unknown",
        Some(Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureOff))) => "feature_off",
        Some(Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered))) => {
            "not_offered"
        }
        Some(Err(_)) => "something else",
    }
}

/// What a table can name of a violation. `at`, `found` and `expected` are those of the only piece of evidence, or
/// lists where there are several.
fn describe(violation: &Violation) -> Value {
    let change = violation.change.as_ref();
    let mut all = json!({
        "severity": violation.severity.name(), "confidence": violation.confidence,
        "count": violation.evidence.len(), "evidence": violation.evidence,
        "fix": change.map(|change| &change.body), "undo": change.map(|change| &change.undo),
        "is_fixable": change.is_some(),
    });
    for (name, member) in [("at", "pointer"), ("found", "found"), ("expected", "expected")] {
        let pieces = all["evidence"].as_array().unwrap().iter();
        let mut values: Vec<_> = pieces.map(|piece| piece[member].clone()).collect();
        all[name] = if values.len() == 1 { values.remove(0) } else { values.into() };
    }
    all
}

/// The judgement after a change; none where the check is not about the object.
fn judge_changed(check: &Check, pointer: &str, change: &Value) -> Option<Judgement> {
    let alone = json!({pointer: change});
    let changes = change.as_object().unwrap_or_else(|| alone.as_object().unwrap());
    let mut bodies = Bodies::hardened();
    let (own, mut not_offered, mut first) = (check.reads[0], Vec::new(), "/0");
    for (key, value) in changes {
        let (name, pointer) = key.split_at(key.find('/').unwrap_or(key.len()));
        let named = || ReadingKind::ALL.iter().copied().find(|kind| kind.name() == name);
        let kind = if name.is_empty() { own } else { named().expect("a reading of that name") };
        if kind == own && first == "/0" && !pointer.is_empty() {
            first = pointer;
        }
        match (pointer, value.as_str()) {
            ("", Some("(not offered)")) => not_offered.push(kind),
            ("", Some("(absent)")) => drop(bodies.0.remove(&kind)),
            ("", _) => drop(bodies.0.insert(kind, value.clone())),
            _ => set(bodies.0.get_mut(&kind).unwrap(), pointer, value),
        }
    }
    bodies.0.retain(|kind, _| !not_offered.contains(kind));
    let bodies: Vec<_> = bodies.0.into_iter().collect();
    let mut tenant = readings(&bodies);
    for kind in not_offered {
        let (reason, message) = (UnknownReason::NotSupported, String::new());
        tenant.insert(kind, Outcome::NotOffered { reason, message });
    }
    let index = first.split('/').nth(1).and_then(|part| part.parse().ok()).unwrap_or(0);
    let body = bodies.iter().find(|(kind, _)| *kind == own).map(|(_, body)| body);
    judge(check, &tenant, body.and_then(|body| body.get(index)))
}

/// Sets or removes a member, or replaces an item of a list.
fn set(body: &mut Value, pointer: &str, value: &Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent) {
        Some(Value::Object(object)) if value == "(absent)" => drop(object.remove(key).unwrap()),
        Some(Value::Object(object)) => drop(object.insert(key.to_owned(), value.clone())),
        Some(Value::Array(items)) => items[key.parse::<usize>().unwrap()] = value.clone(),
        other => panic!("{pointer}: nothing can be set in {other:?}"),
    }
}

/// The judgement on the tenant, or on one object of a collection.
fn judge(check: &Check, tenant: &Tenant, object: Option<&Value>) -> Option<Judgement> {
    let judged = match check.judge(tenant, EffectiveThresholds::under_policy(&Policy::default())) {
        Judged::One(judgement) => return Some(judgement),
        Judged::Each(Err(inconclusive)) => return Some(Err(inconclusive)),
        Judged::Each(Ok(judged)) => judged,
    };
    let collection = check.reads[0].resource();
    // A grant has the id of its application too.
    let is_grant = check.reads[0] == ReadingKind::ClientGrants;
    let names: &[&str] = if is_grant { &["id"] } else { &["client_id", "id", "kid"] };
    let id = names.iter().find_map(|name| object?.get(name)?.as_str());
    let resource = id.map_or(collection.to_owned(), |id| format!("{collection}/{id}"));
    let on = |wanted: &str| judged.iter().find(|(resource, _)| resource == wanted);
    on(&resource).or_else(|| on(collection)).map(|(_, judgement)| judgement.clone())
}
