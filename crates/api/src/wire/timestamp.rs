//! An instant as it stands on the wire.

use serde::{Serialize, Serializer};

/// RFC 3339 in UTC with six digits of a second, whatever their value: texts of one length that sort as
/// the instants do. It has the name of jiff's type, by which the derive of schemas knows a `date-time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub jiff::Timestamp);

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&domain::clock::rfc3339(self.0))
    }
}
