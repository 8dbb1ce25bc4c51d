//! Tenants as JSON: bodies by reading. Tests change one value and read the tenant anew.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::readings::{Need, ReadingKind};

/// Bodies by reading.
pub type Readings = BTreeMap<ReadingKind, Value>;

/// Every reading but the daily statistics and the scopes, with nothing to find.
pub fn hardened() -> Readings {
    serde_json::from_str(include_str!("hardened.json")).unwrap()
}

/// What is different in a tenant as Auth0 ships it, with the required scopes.
pub fn untouched() -> Readings {
    serde_json::from_str(include_str!("untouched.json")).unwrap()
}

/// Every kind that is optional.
pub fn optional() -> impl Iterator<Item = (ReadingKind, Value)> {
    hardened().into_iter().filter(|(kind, _)| kind.need() == Need::Optional)
}

/// The body of one kind.
pub fn sample_body(kind: ReadingKind) -> Value {
    hardened().remove(&kind).unwrap()
}
