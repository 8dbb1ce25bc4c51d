//! For the tests of checks: a tenant with a few readings, and shorthand for what is expected.

pub mod samples;
mod table;

pub(crate) use super::tests::properties::tenants;
pub(crate) use table::{assert_verdicts, verdicts};

use serde_json::Value;

use super::{
    Check, EffectiveThresholds, Judged, Judgement, Judgements, Severity, Verdict, Violation,
};
use crate::inconclusive::{Inconclusive, NotApplicableReason, UnknownReason};
use crate::policy::Policy;
use crate::readings::ReadingKind;
use crate::tenant::{Outcome, Tenant};

/// A tenant, seen at noon of 2026-06-15 UTC, of which only these bodies were read.
pub fn readings(bodies: &[(ReadingKind, Value)]) -> Tenant {
    let mut tenant = Tenant::new("our-client", "2026-06-15T12:00:00Z".parse().unwrap());
    for (kind, body) in bodies {
        let outcome = match kind.decode(body.clone()) {
            Ok(reading) => Outcome::Read(reading),
            Err(message) => Outcome::Unreadable { reason: UnknownReason::NotUnderstood, message },
        };
        tenant.insert(*kind, outcome);
    }
    tenant
}

/// A tenant of which only this body was read.
pub fn reading(kind: ReadingKind, body: Value) -> Tenant {
    readings(&[(kind, body)])
}

/// The judgement of a check on one resource.
pub fn judge(check: &Check, tenant: Tenant) -> Judgement {
    judge_by(check, tenant, &[])
}

/// The same where an organisation has chosen these numbers for this check.
pub fn judge_by(check: &Check, tenant: Tenant, chosen: &[(&str, u64)]) -> Judgement {
    let policy = choosing(check, chosen);
    match check.judge(&tenant, EffectiveThresholds::under_policy(&policy)) {
        Judged::One(judgement) => judgement,
        Judged::Each(_) => panic!("{} is about a collection: use judge_each", check.id),
    }
}

/// A policy with these numbers for one check.
pub fn choosing(check: &Check, chosen: &[(&str, u64)]) -> Policy {
    for (name, _) in chosen {
        let is_known = check.thresholds.iter().any(|threshold| threshold.name == *name);
        assert!(is_known, "{} has no threshold {name}", check.id);
    }
    let chosen = chosen.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    Policy { thresholds: [(check.id.to_owned(), chosen)].into(), ..Policy::default() }
}

/// The judgements of a check on a collection.
pub fn judge_each(check: &Check, tenant: Tenant) -> Judgements {
    match check.judge(&tenant, EffectiveThresholds::under_policy(&Policy::default())) {
        Judged::Each(judgements) => judgements,
        Judged::One(_) => panic!("{} is about one resource: use judge", check.id),
    }
}

/// A missing field or a new value.
pub fn unknown() -> Judgement {
    Err(Inconclusive::Unknown(UnknownReason::NotUnderstood))
}

/// A guard that does not hold.
pub fn feature_off() -> Judgement {
    Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureOff))
}

/// As it should be.
pub const PASS: Judgement = Ok(Verdict::Pass);

/// The violation of a judgement that must have failed.
#[track_caller]
pub fn violation(judged: Judgement) -> Violation {
    match judged {
        Ok(Verdict::Fail(violation)) => *violation,
        other => panic!("not a violation: {other:?}"),
    }
}

/// The severity of a judgement that must have failed.
#[track_caller]
pub fn severity(judged: Judgement) -> Severity {
    violation(judged).severity
}

/// Body and undo of the change of a judgement that must have failed.
#[track_caller]
pub fn change(judged: Judgement) -> (Value, Value) {
    let change = violation(judged).change.expect("a single call fixes it");
    (change.body, change.undo)
}

/// Pointer, value found and value expected of a violation with one piece of evidence.
#[track_caller]
pub fn evidence(judged: Judgement) -> (String, Value, Value) {
    let mut shown = violation(judged).evidence;
    assert_eq!(shown.len(), 1, "{shown:?}");
    let only = shown.remove(0);
    (only.pointer, only.found, only.expected)
}

/// Whether the absence of the value at a pointer into a body is known to mean something.
pub fn is_assumed(kind: ReadingKind, body: &Value, pointer: &str) -> bool {
    let (mut body, mut pointer) = (body.clone(), pointer.to_owned());
    if let Value::Array(items) = &mut body {
        // Alone, because a list is sorted when it is read.
        let place = pointer.split('/').nth(1).unwrap().to_owned();
        let item = items.swap_remove(place.parse().unwrap());
        pointer = pointer.replacen(&place, "0", 1);
        body = Value::Array(vec![item]);
    }
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.remove(key);
    }
    kind.decode(body).is_ok_and(|reading| reading.assumed_at(&pointer).is_some())
}

/// The judgement of a check on an optional resource of which these values are changed. Of a check
/// on a collection, that on the object which the first pointer is into.
#[track_caller]
pub fn on_sample(check: &Check, kind: ReadingKind, changes: &[(&str, Value)]) -> Judgement {
    let mut body = samples::sample_body(kind);
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match body.pointer_mut(parent).unwrap() {
            Value::Object(object) => object.insert(key.to_owned(), value.clone()),
            Value::Array(items) => {
                Some(std::mem::replace(&mut items[key.parse::<usize>().unwrap()], value.clone()))
            }
            other => panic!("{pointer}: nothing can be set in {other}"),
        };
    }
    on_body(check, kind, body, changes.first().map_or("/0", |(pointer, _)| pointer))
}

/// The same without the value at a pointer.
#[track_caller]
pub fn on_sample_without(check: &Check, kind: ReadingKind, pointer: &str) -> Judgement {
    let mut body = samples::sample_body(kind);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    on_body(check, kind, body, pointer)
}

#[track_caller]
fn on_body(check: &Check, kind: ReadingKind, body: Value, pointer: &str) -> Judgement {
    let tenant = reading(kind, body);
    if !check.evaluate.is_on_collection() {
        return judge(check, tenant);
    }
    let index: usize = pointer.split('/').nth(1).unwrap().parse().unwrap();
    let object = &samples::sample_body(kind)[index];
    let names = ["client_id", "id", "kid"].map(|name| object.get(name).and_then(Value::as_str));
    // A grant has the id of its application too.
    let id = if kind == ReadingKind::ClientGrants { names[1] } else { names[0].or(names[1]) };
    let key = format!("{}/{}", kind.resource(), id.or(names[2]).unwrap());
    let judged = judge_each(check, tenant).unwrap();
    let found = judged.into_iter().find(|(resource, _)| *resource == key);
    found.unwrap_or_else(|| panic!("{key} was not judged")).1
}
