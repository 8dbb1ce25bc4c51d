//! A field of an Auth0 resource: absent, with or without a known meaning, not understood, or known. Decoding a field
//! never fails, so that a new value at Auth0 affects one check, not the whole reading.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::absent_defaults::{Assumed, Certainty};
use super::placeholder::bounded_value;
use crate::inconclusive::{Inconclusive, UnknownReason};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    #[default]
    Absent,
    /// Absent, and known to mean this.
    Assumed(T, Certainty),
    /// Present but not understood: a new enum value, another type, null.
    NotUnderstood(Value),
    Known(T),
}

impl<T> Field<T> {
    /// The value. A field that is absent or not understood makes the check unknown.
    pub fn known(&self) -> Result<&T, Inconclusive> {
        match self {
            Self::Known(value) | Self::Assumed(value, _) => Ok(value),
            Self::Absent | Self::NotUnderstood(_) => {
                Err(Inconclusive::Unknown(UnknownReason::NotUnderstood))
            }
        }
    }

    /// The value if known. For facts that affect only severity or attributes.
    pub fn ok(&self) -> Option<&T> {
        match self {
            Self::Known(value) | Self::Assumed(value, _) => Some(value),
            Self::Absent | Self::NotUnderstood(_) => None,
        }
    }

    /// Whether Auth0 leaves it out, whatever that means. For `skip_serializing_if`, too.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent | Self::Assumed(..))
    }
}

impl<T: Serialize> Field<T> {
    /// What is assumed of the value at a JSON Pointer into an absent field.
    pub fn assumed(&self, pointer: &str) -> Option<Assumed> {
        let Self::Assumed(means, certainty) = self else { return None };
        let value = serde_json::to_value(means).ok()?.pointer(pointer)?.clone();
        Some(Assumed { value, certainty: *certainty })
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        // A derived implementation accepts a list as an object, member by member. A type that accepts an
        // empty object is an object: all of its members may be absent.
        let is_misshapen = value.is_array() && serde_json::from_value::<T>(json!({})).is_ok();
        Ok(match serde_json::from_value(value.clone()) {
            Ok(known) if !is_misshapen => Self::Known(known),
            _ => Self::NotUnderstood(bounded_value(value)),
        })
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Assumed(..) => serializer.serialize_none(),
            Self::NotUnderstood(value) => value.serialize(serializer),
            Self::Known(value) => value.serialize(serializer),
        }
    }
}

/// Whether a set has a member that it does not list. False, unless it lists an unrecognised member, which
/// could be the same under another name. Applies to every set.
pub fn has_unlisted(lists_unrecognised: bool) -> Result<bool, Inconclusive> {
    if lists_unrecognised {
        return Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));
    }
    Ok(false)
}

/// A list used as a set: order and repetition have no meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members<E> {
    known: BTreeSet<E>,
    unrecognised: BTreeSet<String>,
}

impl<E: Ord> Members<E> {
    /// Whether `member` is in the set. If it is listed, the answer is conclusive. If not, an unrecognised
    /// member makes the answer unknown, because it could mean the same.
    pub fn has(&self, member: &E) -> Result<bool, Inconclusive> {
        self.has_any(std::slice::from_ref(member))
    }

    /// Whether any of `members` is in the set, under the same rule.
    pub fn has_any(&self, members: &[E]) -> Result<bool, Inconclusive> {
        if members.iter().any(|member| self.known.contains(member)) {
            return Ok(true);
        }
        has_unlisted(!self.unrecognised.is_empty())
    }

    /// Whether anything but `member` is in the set, under the same rule.
    pub fn has_other_than(&self, member: &E) -> Result<bool, Inconclusive> {
        if self.known.iter().any(|known| known != member) {
            return Ok(true);
        }
        has_unlisted(!self.unrecognised.is_empty())
    }

    /// Whether the set is empty. Unknown if it has only unrecognised members.
    pub fn is_empty(&self) -> Result<bool, Inconclusive> {
        if !self.known.is_empty() {
            return Ok(false);
        }
        has_unlisted(!self.unrecognised.is_empty()).map(|has| !has)
    }

    /// The recognised members.
    pub fn known(&self) -> &BTreeSet<E> {
        &self.known
    }
}

impl<E: Ord> FromIterator<E> for Members<E> {
    fn from_iter<I: IntoIterator<Item = E>>(members: I) -> Self {
        Self { known: members.into_iter().collect(), unrecognised: BTreeSet::new() }
    }
}

impl<'de, E: DeserializeOwned + Ord> Deserialize<'de> for Members<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = Self { known: BTreeSet::new(), unrecognised: BTreeSet::new() };
        for text in Vec::<String>::deserialize(deserializer)? {
            match serde_json::from_value(Value::String(text.clone())) {
                Ok(member) => {
                    set.known.insert(member);
                }
                Err(_) => {
                    set.unrecognised.insert(text);
                }
            }
        }
        Ok(set)
    }
}

impl<E: Serialize> Serialize for Members<E> {
    /// Sorted, so that two readings of one tenant compare equal.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut texts: Vec<String> = self.unrecognised.iter().cloned().collect();
        for member in &self.known {
            match serde_json::to_value(member).map_err(serde::ser::Error::custom)? {
                Value::String(text) => texts.push(text),
                other => texts.push(other.to_string()),
            }
        }
        texts.sort();
        texts.serialize(serializer)
    }
}

/// A sorted list of texts with repetitions, for allowlists. A list far longer than Auth0 accepts is not
/// understood, because findings, calls and commands repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Sorted(Vec<String>);

impl Sorted {
    /// Maximum number of entries.
    pub const ENTRIES_MAX: usize = 2_000;
    /// Maximum total size of the entries, in bytes.
    pub const BYTES_MAX: usize = 100_000;

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of entries, with repetitions.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'de> Deserialize<'de> for Sorted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = Vec::<String>::deserialize(deserializer)?;
        let bytes: usize = texts.iter().map(String::len).sum();
        if texts.len() > Self::ENTRIES_MAX || bytes > Self::BYTES_MAX {
            return Err(serde::de::Error::custom("the list is too long"));
        }
        texts.sort();
        Ok(Self(texts))
    }
}

/// A non-negative whole number. JSON has one number type, so `1` and `1.0` are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Count(pub u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let number = serde_json::Number::deserialize(deserializer)?;
        if let Some(whole) = number.as_u64() {
            return Ok(Self(whole));
        }
        match number.as_f64() {
            Some(f) if f.fract() == 0.0 && (0.0..EXACT).contains(&f) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a whole number between 0 and 2^53"
                )]
                Ok(Self(f as u64))
            }
            _ => Err(serde::de::Error::custom("not a whole number that is not negative")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Green,
    }

    fn set(value: Value) -> Field<Members<Colour>> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn sets_ignore_order_and_repetition() {
        assert_eq!(set(json!(["red", "green", "red"])), set(json!(["green", "red"])));
        assert_eq!(
            serde_json::to_value(set(json!(["red", "green"]))).unwrap(),
            json!(["green", "red"])
        );
    }

    #[test]
    fn an_unrecognised_member_makes_only_absence_unknown() {
        let colours = set(json!(["red", "blue"]));
        let colours = colours.known().unwrap();
        assert_eq!(colours.has(&Colour::Red), Ok(true));
        assert!(colours.has(&Colour::Green).is_err());
        assert_eq!(colours.is_empty(), Ok(false));
        assert_eq!(colours.has_other_than(&Colour::Green), Ok(true));
        assert!(colours.has_other_than(&Colour::Red).is_err());
        let only_new = set(json!(["blue"]));
        assert!(only_new.known().unwrap().is_empty().is_err());
    }

    #[test]
    fn other_types_are_not_understood_and_large_ones_are_not_kept() {
        assert_eq!(set(json!("red")), Field::NotUnderstood(json!("red")));
        assert_eq!(set(json!(null)), Field::NotUnderstood(json!(null)));
        let long: Field<bool> = serde_json::from_value(json!("x".repeat(9999))).unwrap();
        assert_eq!(long, Field::NotUnderstood(json!("(too long to keep)")));
    }

    #[test]
    fn one_and_one_point_zero_are_the_same_count() {
        for (value, expected) in
            [(json!(1), Some(1)), (json!(1.0), Some(1)), (json!(1.5), None), (json!(-1), None)]
        {
            let read: Field<Count> = serde_json::from_value(value).unwrap();
            assert_eq!(read.ok().map(|c| c.0), expected);
        }
    }
}
