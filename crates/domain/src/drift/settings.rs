//! Differences between the settings of two snapshots. Lists are compared as sets, objects of a collection
//! by id. Statistics are left out: they are not settings and always differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::inconclusive::UnknownReason;
use crate::named_enum::named_enum;
use crate::readings::{Reading, ReadingKind};
use crate::tenant::{Outcome, Tenant};

/// Maximum size of a reported value, in bytes of JSON.
const VALUE_MAX: usize = 8 * 1024;

#[derive(Debug, Clone, PartialEq)]
pub struct SettingChange {
    pub reading: ReadingKind,
    /// Auth0 path without `/api/v2/`; for an object of a collection, with its id.
    pub resource: String,
    /// JSON Pointer (RFC 6901) into the resource.
    pub pointer: String,
    pub change: SettingChangeKind,
    /// None: no value, or the reading failed.
    pub before: Option<Value>,
    /// None: no value, or the reading failed.
    pub after: Option<Value>,
    /// Why the reading was not available; `not_fetched` if it was not requested.
    pub unread_before: Option<&'static str>,
    /// Why the reading was not available; `not_fetched` if it was not requested.
    pub unread_after: Option<&'static str>,
    /// True if a value was too long to report.
    pub is_value_left_out: bool,
}

named_enum! {
    /// Kind of change.
    pub enum SettingChangeKind {
        /// The value changed.
        Changed = "changed",
        /// A field or an object appeared.
        Added = "added",
        /// A field or an object disappeared.
        Removed = "removed",
        /// The reading failed and now succeeds; the change of its values is not known.
        BecameReadable = "became_readable",
        /// The reading succeeded and now fails.
        BecameUnreadable = "became_unreadable",
        /// The reading failed in both, for different reasons.
        UnreadableOtherwise = "unreadable_otherwise",
    }
}

/// Changes from the earlier to the later snapshot, ordered by reading, resource and pointer.
pub fn between(before: &Tenant, after: &Tenant) -> Vec<SettingChange> {
    let mut changes = Vec::new();
    for kind in ReadingKind::ALL.iter().copied().filter(|kind| !is_statistic(*kind)) {
        of_reading(kind, before.outcome(kind), after.outcome(kind), &mut changes);
    }
    changes
}

const fn is_statistic(kind: ReadingKind) -> bool {
    matches!(kind, ReadingKind::DailyStats | ReadingKind::ActiveUsers)
}

fn of_reading(
    kind: ReadingKind,
    before: Option<&Outcome>,
    after: Option<&Outcome>,
    changes: &mut Vec<SettingChange>,
) {
    let place = SettingLocation { kind, resource: kind.resource().to_owned() };
    match (read(before), read(after)) {
        (Ok(before), Ok(after)) if before == after => {}
        (Ok(before), Ok(after)) => {
            let (before, after) = (body(before), body(after));
            match (kind.identified_by(), &before, &after) {
                (Some(name), Value::Array(before), Value::Array(after)) => {
                    of_collection(kind, name, (before, after), changes);
                }
                _ => place.compare(String::new(), &before, &after, changes),
            }
        }
        (Ok(_), Err(why)) => {
            let told = place.setting_change(String::new(), SettingChangeKind::BecameUnreadable);
            changes.push(SettingChange { unread_after: Some(why), ..told });
        }
        (Err(why), Ok(_)) => {
            let told = place.setting_change(String::new(), SettingChangeKind::BecameReadable);
            changes.push(SettingChange { unread_before: Some(why), ..told });
        }
        (Err(before), Err(after)) if before == after => {}
        (Err(before), Err(after)) => changes.push(SettingChange {
            unread_before: Some(before),
            unread_after: Some(after),
            ..place.setting_change(String::new(), SettingChangeKind::UnreadableOtherwise)
        }),
    }
}

fn read(outcome: Option<&Outcome>) -> Result<&Reading, &'static str> {
    match outcome {
        Some(Outcome::Read(reading)) => Ok(reading),
        Some(Outcome::Unreadable { reason, .. } | Outcome::NotOffered { reason, .. }) => {
            Err(UnknownReason::name(*reason))
        }
        None => Err("not_fetched"),
    }
}

/// The normalised body with sorted lists. Granted scopes are one text.
fn body(reading: &Reading) -> Value {
    let mut body = reading.to_json();
    if let Reading::TokenFacts(facts) = reading
        && let Some(scopes) = facts.scopes()
    {
        body["scope"] = scopes.to_vec().into();
    }
    sort(&mut body);
    body
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_cached_key(Value::to_string);
        }
        Value::Object(members) => members.values_mut().for_each(sort),
        _ => {}
    }
}

/// Objects by id. Objects without an id, or with a shared one, are distinguished by their content.
fn of_collection(
    kind: ReadingKind,
    name: &str,
    (before, after): (&[Value], &[Value]),
    changes: &mut Vec<SettingChange>,
) {
    let (before, after) = (by_name(before, name), by_name(after, name));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    for name in names {
        let of = |side: &BTreeMap<_, Vec<Value>>| side.get(&name).cloned().unwrap_or_default();
        let (mut before, mut after) = (of(&before), of(&after));
        let resource = match name {
            Some(name) => format!("{}/{name}", kind.resource()),
            None => kind.resource().to_owned(),
        };
        let place = SettingLocation { kind, resource };
        if let (Some(_), [before], [after]) = (name, before.as_slice(), after.as_slice()) {
            place.compare(String::new(), before, after, changes);
            continue;
        }
        before.retain(|object| match after.iter().position(|other| other == object) {
            Some(same) => {
                after.swap_remove(same);
                false
            }
            None => true,
        });
        after.sort_by_cached_key(Value::to_string);
        for object in before {
            changes.push(place.changed(String::new(), Some(&object), None));
        }
        for object in after {
            changes.push(place.changed(String::new(), None, Some(&object)));
        }
    }
}

fn by_name<'a>(objects: &'a [Value], name: &str) -> BTreeMap<Option<&'a str>, Vec<Value>> {
    let mut named: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for object in objects {
        named.entry(object[name].as_str()).or_default().push(object.clone());
    }
    named
}

/// Location of a difference.
struct SettingLocation {
    kind: ReadingKind,
    resource: String,
}

impl SettingLocation {
    /// Compares objects member by member, and other values as a whole.
    fn compare(
        &self,
        pointer: String,
        before: &Value,
        after: &Value,
        changes: &mut Vec<SettingChange>,
    ) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => {
                self.members(&pointer, before, after, changes);
            }
            _ if before == after => {}
            _ => changes.push(self.changed(pointer, Some(before), Some(after))),
        }
    }

    fn members(
        &self,
        pointer: &str,
        before: &Map<String, Value>,
        after: &Map<String, Value>,
        changes: &mut Vec<SettingChange>,
    ) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            match (before.get(name), after.get(name)) {
                (Some(before), Some(after)) => self.compare(pointer, before, after, changes),
                (before, after) => changes.push(self.changed(pointer, before, after)),
            }
        }
    }

    fn changed(
        &self,
        pointer: String,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> SettingChange {
        let change = match (before, after) {
            (None, _) => SettingChangeKind::Added,
            (_, None) => SettingChangeKind::Removed,
            _ => SettingChangeKind::Changed,
        };
        let is_short = |value: &&Value| value.to_string().len() <= VALUE_MAX;
        let kept = |value: Option<&Value>| value.filter(is_short).cloned();
        let (kept_before, kept_after) = (kept(before), kept(after));
        let is_value_left_out =
            kept_before.is_some() != before.is_some() || kept_after.is_some() != after.is_some();
        SettingChange {
            before: kept_before,
            after: kept_after,
            is_value_left_out,
            ..self.setting_change(pointer, change)
        }
    }

    fn setting_change(&self, pointer: String, change: SettingChangeKind) -> SettingChange {
        SettingChange {
            reading: self.kind,
            resource: self.resource.clone(),
            pointer,
            change,
            before: None,
            after: None,
            unread_before: None,
            unread_after: None,
            is_value_left_out: false,
        }
    }
}
