//! Macros and types for the optional resources: objects with selected fields, lists of such objects, and
//! bounded texts. Members that are not named are dropped during decoding, so secrets that Auth0 returns
//! with an object (client secrets, keys, tokens of log streams, options of connections) are never in a
//! reading.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::absent_defaults::Assumed;

/// Objects whose fields may each be absent or new. The column after `=` says what a field means where Auth0 leaves it
/// out, and how sure that is; without one an absent field is unknown.
macro_rules! records {
    ($($(#[$meta:meta])* $name:ident {
        $(
            $(#[$field_meta:meta])*
            $field:ident $(as $member:literal)?: $type:ty $(= $certainty:ident($means:expr))?,
        )*
    })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                $(#[serde(rename = $member)])?
                #[serde(skip_serializing_if = "crate::readings::Field::is_absent")]
                pub $field: crate::readings::Field<$type>,
            )*
        }

        impl Default for $name {
            /// Every field absent.
            fn default() -> Self {
                Self {$(
                    $field: crate::readings::record::absent!($($certainty($means))?),
                )*}
            }
        }

        impl $name {
            /// What is assumed of the member at a JSON Pointer.
            pub fn assumed_at(&self, pointer: &str) -> Option<crate::readings::Assumed> {
                use crate::readings::record::Plain as _;
                let (member, below) = crate::readings::record::first_of(pointer)?;
                $(
                    if [stringify!($field), $($member)?].contains(&member) {
                        let assumed = self.$field.assumed(below);
                        return assumed.or_else(|| self.$field.ok()?.assumed_at(below));
                    }
                )*
                // There is no such member.
                ().assumed_at(below)
            }
        }

        impl crate::readings::Record for $name {
            fn assumed_at(&self, pointer: &str) -> Option<crate::readings::Assumed> {
                Self::assumed_at(self, pointer)
            }
        }
    )*};
}

/// An absent field.
macro_rules! absent {
    () => {
        crate::readings::Field::Absent
    };
    ($certainty:ident($means:expr)) => {
        crate::readings::Field::Assumed($means, crate::readings::Certainty::$certainty)
    };
}

/// Lists of such objects, and the field with their id.
macro_rules! lists {
    ($($(#[$meta:meta])* $name:ident of $item:ident by $id:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(
            /// The objects of all pages, sorted by id: Auth0's order can vary.
            pub Vec<$item>,
        );

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut items: Vec<$item> = crate::readings::record::objects(deserializer)?;
                items.sort_by(|a, b| a.$id.ok().cmp(&b.$id.ok()));
                Ok(Self(items))
            }
        }

        impl $name {
            /// What is assumed of the value at a JSON Pointer, which begins with a place in the list.
            pub fn assumed_at(&self, pointer: &str) -> Option<crate::readings::Assumed> {
                let (place, below) = crate::readings::record::first_of(pointer)?;
                self.0.get(place.parse::<usize>().ok()?)?.assumed_at(below)
            }
        }

        impl crate::readings::Collection for $name {
            type Item = $item;
            fn items(&self) -> &[$item] {
                &self.0
            }
            fn id(item: &$item) -> &crate::readings::Field<crate::readings::ObjectId> {
                &item.$id
            }
        }
    )*};
}

pub(super) use {absent, lists, records};

/// An object whose absent members may have a meaning.
pub trait Record {
    /// What is assumed of the member at a JSON Pointer.
    fn assumed_at(&self, pointer: &str) -> Option<Assumed>;
}

/// Values that are no record have no members. The method of a record, which is inherent, goes before this one.
pub(super) trait Plain {
    fn assumed_at(&self, _: &str) -> Option<Assumed> {
        None
    }
}

impl<T> Plain for T {}

/// The first member that a JSON Pointer names, and the pointer below it.
pub(super) fn first_of(pointer: &str) -> Option<(&str, &str)> {
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split_at(rest.find('/').unwrap_or(rest.len())))
}

/// A resource that is a list of objects.
pub trait Collection: super::Resource {
    type Item: Serialize + Record;
    fn items(&self) -> &[Self::Item];
    /// Id of an object.
    fn id(item: &Self::Item) -> &super::Field<super::ObjectId>;
}

/// A list of objects. Any other element makes the whole list not understood.
pub(super) fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let objects = Vec::<Map<String, Value>>::deserialize(deserializer)?;
    let typed = objects.into_iter().map(|object| serde_json::from_value(Value::Object(object)));
    typed.collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// A text of at most 2,048 bytes: names, hosts, URLs. A longer one is not understood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    const MAX: usize = 2_048;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The empty text, Auth0's form of an unset value.
    pub fn empty() -> Self {
        Self::default()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > Self::MAX {
            return Err(D::Error::custom("too long"));
        }
        Ok(Self(text))
    }
}

/// Sorted texts without a meaningful order: URLs, scopes, countries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Texts(Vec<Text>);

impl Texts {
    /// Far above Auth0's own limit for one list.
    const MAX: usize = 2_000;

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Text::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, text: &str) -> bool {
        self.iter().any(|each| each == text)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = Vec::<Text>::deserialize(deserializer)?;
        if texts.len() > Self::MAX {
            return Err(D::Error::custom("too many"));
        }
        texts.sort();
        Ok(Self(texts))
    }
}
