//! What Auth0 leaves out of its answers, and what that means: the column of `records!` that says so.

use serde_json::Value;

/// How sure it is what an absent field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Auth0's documentation or recorded responses of real tenants show it.
    Certain,
    /// There are reasons for it. A failure that rests on it is less sure.
    Likely,
}

/// What an absent value is taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumed {
    pub value: Value,
    pub certainty: Certainty,
}

impl Assumed {
    pub fn is_uncertain(&self) -> bool {
        self.certainty == Certainty::Likely
    }
}

/// Without members that are null, which means the same as absent: writing null unsets a member (recorded exchanges).
pub(super) fn without_nulls(body: Value) -> Value {
    match body {
        Value::Object(members) => {
            let stated = members.into_iter().filter(|(_, value)| !value.is_null());
            stated.map(|(name, value)| (name, without_nulls(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
