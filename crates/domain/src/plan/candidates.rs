//! The calls that could come next. Findings on the same path share a `PATCH`, unless two of them set a member to
//! different values: then the second waits until the first is done, and is computed anew.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::ActionId;
use crate::checks::{self, Change, Check, Effort, Method};
use crate::finding::{Finding, FindingKey, LastResult};
use crate::preview::{Baseline, Scenario};
use crate::remediation::{Call, Fix};

/// A call with the findings that it is for.
pub(super) struct Candidate {
    pub id: ActionId,
    pub fix: Fix,
    pub required_scope: Option<&'static str>,
    pub effort: Effort,
    /// Of each check once.
    pub side_effects: Vec<&'static str>,
    /// The most urgent first.
    pub keys: Vec<FindingKey>,
}

/// A finding that a call fixes.
struct Fixable<'a> {
    finding: &'a Finding,
    check: &'static Check,
    change: &'a Change,
}

/// The calls for the open findings of a state that are not accepted, by their most urgent finding. Each is made when
/// it is needed, because a large tenant has thousands.
pub(super) fn find<'a>(
    known: &'a Baseline,
    state: &'a Scenario,
    is_wanted: &impl Fn(&Check) -> bool,
) -> impl Iterator<Item = Candidate> {
    let mut by_target: BTreeMap<(Method, String), Vec<Fixable<'a>>> = BTreeMap::new();
    for finding in state.open.values() {
        let is_failing = finding.result == LastResult::Fail;
        if !is_failing || known.accepted.contains_key(&finding.key) {
            continue;
        }
        let check = checks::find(&finding.key.check_id).filter(|check| is_wanted(check));
        let (Some(check), Some(change)) = (check, &finding.change) else { continue };
        let Some(target) = check.remediation.call_on(&finding.key.resource) else { continue };
        by_target.entry(target).or_default().push(Fixable { finding, check, change });
    }
    let mut groups: Vec<Vec<Fixable<'a>>> = by_target.into_values().collect();
    for same in &mut groups {
        same.sort_by(|a, b| a.finding.urgency().cmp(&b.finding.urgency()));
    }
    groups.sort_by(|a, b| a[0].finding.urgency().cmp(&b[0].finding.urgency()));
    groups.into_iter().filter_map(merged)
}

/// One call for the first finding and all others whose changes go along with it.
fn merged(same: Vec<Fixable<'_>>) -> Option<Candidate> {
    let mut together: Vec<Fixable<'_>> = Vec::new();
    let mut change = Change::nothing();
    for each in same {
        if together.is_empty() {
            change = each.change.clone();
        } else if agree(&change.body, &each.change.body) {
            change = change.with(each.change.clone());
        } else {
            continue;
        }
        together.push(each);
    }
    let first = together.first()?;
    let fix = Fix::for_change(first.check, &first.finding.key.resource, change)?;
    let mut side_effects: Vec<&'static str> = Vec::new();
    for each in &together {
        let text = each.check.remediation.side_effects.text;
        if !side_effects.contains(&text) {
            side_effects.push(text);
        }
    }
    let efforts = together.iter().map(|each| each.check.remediation.side_effects.effort(true));
    Some(Candidate {
        id: ActionId::from_call(&fix.call),
        required_scope: first.check.remediation.required_scope,
        effort: efforts.max()?,
        side_effects,
        keys: together.iter().map(|each| each.finding.key.clone()).collect(),
        fix,
    })
}

/// Whether one body can hold both.
fn agree(first: &Value, second: &Value) -> bool {
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => second
            .iter()
            .all(|(name, value)| first.get(name).is_none_or(|present| agree(present, value))),
        (first, second) => first == second,
    }
}

impl ActionId {
    /// The first 64 bits of a hash, in hexadecimal.
    fn from_call(call: &Call) -> Self {
        let text = format!("{:?} {} {}", call.method, call.path, call.body);
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let start = hash.first_chunk().copied().map_or(0, u64::from_be_bytes);
        Self(format!("{start:016x}"))
    }
}
