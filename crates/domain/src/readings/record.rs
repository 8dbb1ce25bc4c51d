//! Macros and types for the optional resources: objects with selected fields, lists of such objects, and
//! bounded texts. Members that are not named are dropped during decoding, so secrets that Auth0 returns
//! with an object (client secrets, keys, tokens of log streams, options of connections) are never in a
//! reading.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Objects whose fields may each be absent or new.
macro_rules! records {
    ($($(#[$meta:meta])* $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
    })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "crate::readings::Field::is_absent")]
                pub $field: crate::readings::Field<$type>,
            )*
        }
    )*};
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

pub(super) use {lists, records};

/// A resource that is a list of objects.
pub trait Collection: super::Resource {
    type Item: Serialize;
    fn items(&self) -> &[Self::Item];
    /// Id of an object.
    fn id(item: &Self::Item) -> &super::Field<super::ObjectId>;
}

impl<T> super::Field<T> {
    /// The value, or `unset` if absent. Only for fields whose absence is defined by Auth0's documentation
    /// or by recorded responses.
    pub fn known_or<'a>(
        &'a self,
        unset: &'a T,
    ) -> Result<&'a T, crate::unknown_reason::Inconclusive> {
        if self.is_absent() { Ok(unset) } else { self.known() }
    }
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
