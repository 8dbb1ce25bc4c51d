//! What the rules of families do, tried on every check that has them: a check that is added to a family
//! is tested by being in the catalogue. That its parameters are the right ones, the cases show.

mod allowlists;
mod choices;
mod limits;
mod protections;
mod switches;

use serde_json::{Value, json};

use super::fixtures::Bodies;
use crate::checks::testing::{judge, reading};
use crate::checks::{CATALOGUE, Change, Check, Condition, Judgement, Rule};
use crate::readings::ReadingKind;

/// The checks with a rule that `pick` picks, with what it picks of it. A family has at least `least`.
fn family<T>(least: usize, pick: impl Fn(Rule) -> Option<T>) -> Vec<(&'static Check, T)> {
    let picked = |check: &'static Check| match check.evaluate {
        Condition::Rule(rule) => Some((check, pick(rule)?)),
        _ => None,
    };
    let family: Vec<_> = CATALOGUE.iter().copied().filter_map(picked).collect();
    assert!(family.len() >= least, "{} checks", family.len());
    family
}

/// The judgement on a resource with these members only.
fn judge_body(check: &Check, kind: ReadingKind, body: Value) -> Judgement {
    judge(check, reading(kind, body))
}

/// The judgement on a resource that has everything but the member at a pointer.
fn judge_without(check: &Check, kind: ReadingKind, pointer: &str) -> Judgement {
    let mut body = Bodies::hardened().0[&kind].clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    judge_body(check, kind, body)
}

/// An object with these values at these pointers.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let set = |all: Change, (pointer, value)| all.with(Change::between(pointer, json!({}), value));
    members.into_iter().fold(Change::nothing(), set).body
}
