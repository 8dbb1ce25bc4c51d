//! Checks on the objects of a collection: one finding for each object. Pointers are relative to the object that the
//! resource key names, because positions in the list change when objects are added.

use serde_json::{Value, json};

use super::{Change, Evidence, Expected, Judgement, Judgements, Severity, Violation};
use crate::inconclusive::{Inconclusive, UnknownReason};
use crate::readings::{Collection, Field, Part, ReadingKind, Record};
use crate::tenant::Tenant;

/// One object of a collection.
pub struct Object<'a, T> {
    pub item: &'a T,
    pub tenant: &'a Tenant,
    kind: ReadingKind,
    place: usize,
}

/// Evaluates each object that the check is about. Objects for which that is unknown, or that cannot be identified,
/// are unknown; the latter get the collection's key, and then no missing object counts as gone. Duplicates, which
/// occur if the list grows between pages, are evaluated once.
pub fn each<C: Collection>(
    tenant: &Tenant,
    is_about: impl Fn(&Object<'_, C::Item>) -> Result<bool, Inconclusive>,
    judge: impl Fn(&Object<'_, C::Item>) -> Judgement,
) -> Judgements {
    let collection = tenant.read::<C>()?;
    let mut judged = Vec::new();
    let mut previous = None;
    for (place, item) in collection.items().iter().enumerate() {
        let object = Object { item, tenant, kind: C::KIND, place };
        let id = match C::id(item).known() {
            // They are sorted by id.
            Ok(id) if previous.replace(id) == Some(id) => continue,
            Ok(id) => id,
            Err(unjudged) => {
                judged.push((C::KIND.resource().to_owned(), Err(unjudged)));
                continue;
            }
        };
        let judgement = match is_about(&object) {
            Ok(true) => judge(&object),
            Ok(false) => continue,
            Err(unjudged) => Err(unjudged),
        };
        judged.push(([C::KIND.resource(), "/", id.as_str()].concat(), judgement));
    }
    Ok(judged)
}

/// For checks on every object.
#[expect(clippy::unnecessary_wraps, reason = "it is one of several guards")]
pub fn all_of_them<T>(_: &Object<'_, T>) -> Result<bool, Inconclusive> {
    Ok(true)
}

impl<T> Object<'_, T> {
    /// The value of a member that needs a separate scope. If the token lacks it, an absent member is unknown.
    pub fn part<'f, V>(&self, part: &Part, member: &'f Field<V>) -> Result<&'f V, Inconclusive> {
        if member.is_absent() && self.tenant.lacks_scope_of(part) {
            return Err(Inconclusive::Unknown(UnknownReason::MissingScope));
        }
        member.known()
    }
}

impl<T: Record> Object<'_, T> {
    /// The normalised value at a pointer into the object; null if absent.
    pub fn value_at(&self, pointer: &str) -> Value {
        let object = self.tenant.body_of(self.kind).get(self.place);
        object.and_then(|object| object.pointer(pointer)).cloned().unwrap_or(Value::Null)
    }

    /// The same, or what an absent value means.
    fn meant_at(&self, pointer: &str) -> Value {
        let assumed = self.item.assumed_at(pointer).map(|assumed| assumed.value);
        assumed.unwrap_or_else(|| self.value_at(pointer))
    }

    /// Evidence of the value at a pointer.
    pub fn shows(&self, pointer: &str, expected: &Expected) -> Evidence {
        let shown = Evidence::wrong(self.kind, pointer, self.value_at(pointer), expected.to_json());
        shown.assuming(self.item.assumed_at(pointer))
    }

    /// Evidence of the offending members of the list at a pointer.
    pub fn lists(&self, pointer: &str, offending: &[&str]) -> Evidence {
        Evidence::wrong(self.kind, pointer, json!(offending), json!([]))
    }

    /// A violation by the value at a pointer.
    pub fn wrong(&self, severity: Severity, pointer: &str, expected: &Expected) -> Violation {
        Violation::from_evidence(severity, vec![self.shows(pointer, expected)])
    }

    /// A change of the value at a pointer; the undo is the present one, or what an absent one means.
    pub fn set(&self, pointer: &str, value: Value) -> Change {
        Change::between(pointer, self.meant_at(pointer), value)
    }

    /// Changes members of the object at a pointer. Body and undo contain the whole object, because Auth0 may replace
    /// it.
    pub fn change_members(&self, pointer: &str, members: &[(&str, Value)]) -> Change {
        let mut whole = self.meant_at(pointer).as_object().cloned().unwrap_or_default();
        whole.extend(members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        self.set(pointer, Value::Object(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Verdict;
    use crate::checks::testing::{reading, samples, unknown};
    use crate::readings::Clients;

    const KIND: ReadingKind = ReadingKind::Clients;

    fn keys(body: Value) -> Vec<String> {
        let judged = each::<Clients>(&reading(KIND, body), all_of_them, |_| Ok(Verdict::Pass));
        judged.unwrap().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn objects_are_judged_by_id_and_once() {
        let body = json!([{"client_id": "b"}, {"client_id": "a"}, {"client_id": "b"}]);
        assert_eq!(keys(body), ["clients/a", "clients/b"]);
    }

    #[test]
    fn what_cannot_be_named_comes_under_the_key_of_the_collection() {
        let body = json!([{"client_id": "a/b"}, {"name": "x"}, {"client_id": "a"}]);
        assert_eq!(keys(body), ["clients", "clients", "clients/a"]);
    }

    #[test]
    fn what_it_is_about_is_unknown_where_that_cannot_be_said() {
        let tenant = reading(KIND, samples::sample_body(KIND));
        let nobody_knows =
            |_: &Object<'_, _>| Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));
        let judged = each::<Clients>(&tenant, nobody_knows, |_| Ok(Verdict::Pass)).unwrap();
        assert!(judged.iter().all(|(_, judged)| *judged == unknown()));
        assert_eq!(each::<Clients>(&tenant, |_| Ok(false), |_| unknown()), Ok(Vec::new()));
    }

    #[test]
    fn a_change_below_an_object_carries_that_object_whole() {
        let tenant = reading(KIND, samples::sample_body(KIND));
        let judged = each::<Clients>(&tenant, all_of_them, |app| {
            let change = app.change_members("/jwt_configuration", &[("alg", json!("PS256"))]);
            assert_eq!(change.body["jwt_configuration"]["alg"], "PS256");
            let undo = app.value_at("/jwt_configuration");
            assert_eq!(change.undo, json!({"jwt_configuration": undo}));
            Ok(Verdict::Pass)
        });
        assert!(judged.is_ok());
    }
}
