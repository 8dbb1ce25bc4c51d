//! Ids of the objects of Auth0 collections.

use serde::{Deserialize, Deserializer, Serialize};

/// The id of one object of a collection: 1 to 128 visible ASCII characters without a slash, so that
/// it can be part of a resource key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ObjectId(String);

impl ObjectId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_sound = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
        is_sound.then_some(Self(text)).ok_or_else(|| serde::de::Error::custom("not an id"))
    }
}
