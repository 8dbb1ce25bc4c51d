//! What a failing check shows: the value found, the value expected, and the change that fixes it.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::{Confidence, Judgement, Severity, Verdict};
use crate::readings::{ReadingKind, has_placeholder};
use crate::tenant::Tenant;

/// One value that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The reading it was found in.
    pub reading: ReadingKind,
    /// JSON Pointer (RFC 6901) into the resource; `""` for aggregates.
    pub pointer: String,
    /// The value found; sets are sorted.
    pub found: Value,
    /// What it should be: see [`Expected`].
    pub expected: Value,
    /// It is nothing wrong, but may make up for what is: then nothing is expected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_compensate: bool,
}

impl Evidence {
    /// A value that is wrong.
    pub fn wrong(
        reading: ReadingKind,
        pointer: impl Into<String>,
        found: Value,
        expected: Value,
    ) -> Self {
        Self { reading, pointer: pointer.into(), found, expected, may_compensate: false }
    }

    /// What of a reading may make up for what is wrong.
    pub fn compensating(reading: ReadingKind, found: Value) -> Self {
        let (pointer, expected) = (String::new(), Value::Null);
        Self { reading, pointer, found, expected, may_compensate: true }
    }
}

/// What a value should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Exactly this.
    Is(Value),
    /// `{"at_most": n}`. Of a time it is the age in days.
    AtMost(u64),
    /// `{"at_least": n}`. Of a text or a list it is the length, of a runtime the major version.
    AtLeast(u64),
    /// `{"contains": […]}`: a set with these members at least.
    Contains(&'static [&'static str]),
    /// `{"one_of": […]}`.
    OneOf(&'static [&'static str]),
}

impl Expected {
    /// A value that is not empty, of which nobody but the customer can say more.
    pub const SET: Self = Self::AtLeast(1);

    /// The wire form.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Is(value) => value.clone(),
            Self::AtMost(n) => json!({"at_most": n}),
            Self::AtLeast(n) => json!({"at_least": n}),
            Self::Contains(members) => json!({"contains": members}),
            Self::OneOf(values) => json!({"one_of": values}),
        }
    }
}

impl Serialize for Expected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// The bodies of the call that fixes a violation and of the one that undoes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Sent to fix. Auth0 replaces arrays whole, so each array is the whole new one.
    pub body: Value,
    /// Sent to undo: the present values of the same fields.
    pub undo: Value,
}

/// A check that fails, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// With the tenant's values.
    pub severity: Severity,
    /// What it may be at worst, as long as a reading that bears on it is not read.
    pub at_worst: Severity,
    /// Where the tenant's values make it another than the check's.
    pub confidence: Option<Confidence>,
    /// At least one.
    pub evidence: Vec<Evidence>,
    /// None where no single call fixes it.
    pub change: Option<Change>,
}

impl Violation {
    /// A violation shown by the value at one pointer.
    pub fn at(
        tenant: &Tenant,
        severity: Severity,
        reading: ReadingKind,
        pointer: &str,
        expected: &Expected,
    ) -> Self {
        Self::from_evidence(severity, Vec::new()).and(tenant, reading, pointer, expected)
    }

    /// The same, shown by one value more.
    #[must_use]
    pub fn and(
        mut self,
        tenant: &Tenant,
        reading: ReadingKind,
        pointer: &str,
        expected: &Expected,
    ) -> Self {
        let found = tenant.value_at(reading, pointer);
        self.evidence.push(Evidence::wrong(reading, pointer, found, expected.to_json()));
        self
    }

    /// A violation shown by evidence that is already there: aggregates, offending entries.
    pub fn from_evidence(severity: Severity, evidence: Vec<Evidence>) -> Self {
        Self { severity, at_worst: severity, confidence: None, evidence, change: None }
    }

    /// With what may make up for it.
    #[must_use]
    pub fn beside(mut self, context: Vec<Evidence>) -> Self {
        self.evidence.extend(context);
        self
    }

    /// With a severity that may be worse than what could be seen.
    #[must_use]
    pub fn or_worse(mut self, severity: Severity) -> Self {
        self.at_worst = self.severity.max(severity);
        self
    }

    /// With a confidence that depends on the tenant.
    #[must_use]
    pub fn with_confidence(mut self, confidence: Option<Confidence>) -> Self {
        self.confidence = confidence;
        self
    }

    /// With the change that fixes it.
    #[must_use]
    pub fn fixed_by(self, change: Change) -> Self {
        self.fixed_by_opt(Some(change))
    }

    /// With the change that fixes it, where a single call does. One that would have to carry a value
    /// that we did not keep is none: it would overwrite the tenant's.
    #[must_use]
    pub fn fixed_by_opt(mut self, change: Option<Change>) -> Self {
        let holds = |change: &Change| [&change.body, &change.undo].map(has_placeholder);
        self.change = change.filter(|change| holds(change) == [false, false]);
        self
    }

    /// The verdict that this is.
    pub fn into_failure(self) -> Judgement {
        Ok(Verdict::Fail(Box::new(self)))
    }
}

impl Change {
    /// One that other changes are added to.
    pub fn nothing() -> Self {
        Self { body: json!({}), undo: json!({}) }
    }

    /// Sets the value at one pointer (object members only) of a reading; undo is the present value.
    /// A pointer below another object sends only that path: `/stage/pre-login` becomes
    /// `{"stage": {"pre-login": …}}`.
    pub fn set(tenant: &Tenant, reading: ReadingKind, pointer: &str, value: Value) -> Self {
        Self::between(pointer, tenant.value_at(reading, pointer), value)
    }

    /// Sets the value at one pointer (object members only), which is `present` until then.
    pub fn between(pointer: &str, present: Value, value: Value) -> Self {
        Self { body: nest(pointer, value), undo: nest(pointer, present) }
    }

    /// Adds members to the set at one pointer: the body carries the whole new array, sorted.
    pub fn add(tenant: &Tenant, reading: ReadingKind, pointer: &str, members: &[&str]) -> Self {
        let present = tenant.value_at(reading, pointer);
        let mut texts: Vec<String> = (present.as_array().into_iter().flatten())
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect();
        texts.extend(members.iter().map(|m| (*m).to_owned()));
        texts.sort();
        texts.dedup();
        Self::set(tenant, reading, pointer, json!(texts))
    }

    /// Adds members to the set at one pointer as well, if the set is there and lacks one of them.
    #[must_use]
    pub fn also_adding(
        self,
        tenant: &Tenant,
        reading: ReadingKind,
        pointer: &str,
        members: &[&str],
    ) -> Self {
        let present = tenant.value_at(reading, pointer);
        let Some(present) = present.as_array() else { return self };
        if members.iter().all(|member| present.iter().any(|value| value == member)) {
            return self;
        }
        self.with(Self::add(tenant, reading, pointer, members))
    }

    /// Sets members of the object at one pointer: body and undo carry that object whole, because
    /// Auth0 replaces it whole (the stages of a protection).
    pub fn set_members(
        tenant: &Tenant,
        reading: ReadingKind,
        pointer: &str,
        members: &[(&str, Value)],
    ) -> Self {
        let mut object = tenant.value_at(reading, pointer).as_object().cloned().unwrap_or_default();
        object.extend(members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        Self::set(tenant, reading, pointer, Value::Object(object))
    }

    /// Both changes in one body.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        merge(&mut self.body, other.body);
        merge(&mut self.undo, other.undo);
        self
    }
}

fn nest(pointer: &str, value: Value) -> Value {
    pointer
        .rsplit('/')
        .filter(|key| !key.is_empty())
        .fold(value, |inner, key| json!({ key: inner }))
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}
