//! Evidence of a failing check: the values found and expected, and the change that fixes them.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::{Confidence, Judgement, Severity, Verdict};
use crate::readings::{Assumed, ReadingKind, has_placeholder};
use crate::tenant::Tenant;

/// A wrong value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub reading: ReadingKind,
    /// JSON Pointer (RFC 6901) into the resource; `""` for aggregates.
    pub pointer: String,
    /// Sets are sorted.
    pub found: Value,
    /// See [`Expected`].
    pub expected: Value,
    /// What the value was taken for, because Auth0 leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Value>,
    /// That this is only likely. Until the confidence is set.
    #[serde(skip)]
    is_uncertain: bool,
    /// Not wrong, but may compensate for what is. Nothing is expected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_compensate: bool,
}

impl Evidence {
    pub fn wrong(
        reading: ReadingKind,
        pointer: impl Into<String>,
        found: Value,
        expected: Value,
    ) -> Self {
        Self {
            reading,
            pointer: pointer.into(),
            found,
            expected,
            assumed: None,
            is_uncertain: false,
            may_compensate: false,
        }
    }

    /// Says what an absent value was taken for.
    #[must_use]
    pub fn assuming(mut self, assumed: Option<Assumed>) -> Self {
        self.is_uncertain = assumed.as_ref().is_some_and(Assumed::is_uncertain);
        self.assumed = assumed.map(|assumed| assumed.value);
        self
    }

    /// Evidence that may compensate for the violation.
    pub fn compensating(reading: ReadingKind, found: Value) -> Self {
        Self { may_compensate: true, ..Self::wrong(reading, "", found, Value::Null) }
    }
}

/// The expected value.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    Is(Value),
    /// `{"at_most": n}`. For a time: the age in days.
    AtMost(u64),
    /// `{"at_least": n}`. For a text or list: the length. For a runtime: the major version.
    AtLeast(u64),
    /// `{"contains": […]}`: a set with at least these members.
    Contains(&'static [&'static str]),
    /// `{"one_of": […]}`.
    OneOf(&'static [&'static str]),
}

impl Expected {
    /// Any non-empty value, which only the customer knows.
    pub const SET: Self = Self::AtLeast(1);

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

/// Request bodies of the fix and of its undo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Auth0 replaces whole arrays, so each array is complete.
    pub body: Value,
    /// The present values of the same members.
    pub undo: Value,
}

/// A failed check with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// Given the tenant's values.
    pub severity: Severity,
    /// The highest severity possible while a reading that affects it is missing.
    pub at_worst: Severity,
    /// Set if the tenant's values change it.
    pub confidence: Option<Confidence>,
    /// Not empty.
    pub evidence: Vec<Evidence>,
    /// None: no single call fixes it.
    pub change: Option<Change>,
}

impl Violation {
    /// A violation by the value at a pointer.
    pub fn at(
        tenant: &Tenant,
        severity: Severity,
        reading: ReadingKind,
        pointer: &str,
        expected: &Expected,
    ) -> Self {
        Self::from_evidence(severity, Vec::new()).and(tenant, reading, pointer, expected)
    }

    /// Adds the value at another pointer.
    #[must_use]
    pub fn and(
        mut self,
        tenant: &Tenant,
        reading: ReadingKind,
        pointer: &str,
        expected: &Expected,
    ) -> Self {
        let found = tenant.value_at(reading, pointer);
        let shown = Evidence::wrong(reading, pointer, found, expected.to_json());
        self.evidence.push(shown.assuming(tenant.assumed_at(reading, pointer)));
        self
    }

    /// A violation by given evidence, such as aggregates or offending entries.
    pub fn from_evidence(severity: Severity, evidence: Vec<Evidence>) -> Self {
        Self { severity, at_worst: severity, confidence: None, evidence, change: None }
    }

    /// Adds evidence that may compensate for the violation.
    #[must_use]
    pub fn beside(mut self, context: Vec<Evidence>) -> Self {
        self.evidence.extend(context);
        self
    }

    /// Sets the severity, and the highest severity possible while a reading is missing.
    #[must_use]
    pub fn or_worse(mut self, severity: Severity) -> Self {
        self.at_worst = self.severity.max(severity);
        self
    }

    /// Sets a confidence that depends on the tenant.
    #[must_use]
    pub fn with_confidence(mut self, confidence: Option<Confidence>) -> Self {
        self.confidence = confidence;
        self
    }

    /// The same with no more than medium confidence in `own` or what is set, if it rests on an uncertain assumption.
    #[must_use]
    pub fn as_sure_as_its_evidence(mut self, own: Confidence) -> Self {
        let mut is_uncertain = false;
        for shown in &mut self.evidence {
            is_uncertain |= std::mem::take(&mut shown.is_uncertain);
        }
        if is_uncertain {
            self.confidence = Some(self.confidence.unwrap_or(own).min(Confidence::Medium));
        }
        self
    }

    /// Sets the change that fixes it.
    #[must_use]
    pub fn fixed_by(self, change: Change) -> Self {
        self.fixed_by_opt(Some(change))
    }

    /// Sets the change that fixes it, if a single call does. A change with a placeholder is dropped: it would
    /// overwrite a value of the tenant that is not stored.
    #[must_use]
    pub fn fixed_by_opt(mut self, change: Option<Change>) -> Self {
        let holds = |change: &Change| [&change.body, &change.undo].map(has_placeholder);
        self.change = change.filter(|change| holds(change) == [false, false]);
        self
    }

    pub fn into_failure(self) -> Judgement {
        Ok(Verdict::Fail(Box::new(self)))
    }
}

impl Change {
    /// An empty change, to add others to.
    pub fn nothing() -> Self {
        Self { body: json!({}), undo: json!({}) }
    }

    /// Sets the value at a pointer (object members only) of a reading; the undo is the present value, or what an
    /// absent one means. For a pointer into an object, only that path is sent: `/stage/pre-login` becomes
    /// `{"stage": {"pre-login": …}}`.
    pub fn set(tenant: &Tenant, reading: ReadingKind, pointer: &str, value: Value) -> Self {
        let assumed = tenant.assumed_at(reading, pointer).map(|assumed| assumed.value);
        let present = assumed.unwrap_or_else(|| tenant.value_at(reading, pointer));
        Self::between(pointer, present, value)
    }

    /// Sets the value at a pointer (object members only) that is `present` now.
    pub fn between(pointer: &str, present: Value, value: Value) -> Self {
        Self { body: nest(pointer, value), undo: nest(pointer, present) }
    }

    /// Adds members to the set at a pointer. The body has the whole new array, sorted.
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

    /// Also adds members to the set at another pointer, if the set exists and lacks one of them.
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

    /// Sets members of the object at a pointer. Body and undo contain the whole object, because Auth0 replaces it
    /// (the stages of a protection).
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

    /// Merges two changes into one body.
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
