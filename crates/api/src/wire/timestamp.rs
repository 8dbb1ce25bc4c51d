//! Timestamps in responses.

use std::fmt;

use serde::{Serialize, Serializer};

/// RFC 3339 in UTC with exactly six fractional digits, so that timestamps sort as text. Named like jiff's
/// type because the schema derive recognises `date-time` by that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub jiff::Timestamp);

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&domain::clock::rfc3339(self.0))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&domain::clock::rfc3339(self.0))
    }
}
