//! Faults of an input, each with its location and how to fix it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Maximum length of a member name in a pointer, in characters.
const NAME_MAX: usize = 100;

/// Location of a fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultLocation {
    /// A JSON Pointer (RFC 6901) into the body; `""` is the whole body.
    Pointer(String),
    /// A query parameter.
    Parameter(String),
    /// A request header, in lower case.
    Header(String),
}

/// One fault. `detail` says what is wrong and how to fix it, and never contains a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    pub place: FaultLocation,
    pub detail: String,
}

impl Fault {
    /// A fault in the body.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: FaultLocation::Pointer(pointer.into()), detail: detail.into() }
    }

    /// A fault in a query parameter.
    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: FaultLocation::Parameter(name.into()), detail: detail.into() }
    }

    /// A fault in a header.
    pub fn header(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: FaultLocation::Header(name.into()), detail: detail.into() }
    }
}

/// Escapes a member name for a JSON Pointer.
pub fn pointer_part(name: &str) -> String {
    // The pointer repeats the client's own name; truncate it to bound the response.
    let short: String = name.chars().take(NAME_MAX).collect();
    short.replace('~', "~0").replace('/', "~1")
}

/// At least one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            let (FaultLocation::Pointer(place)
            | FaultLocation::Parameter(place)
            | FaultLocation::Header(place)) = &fault.place;
            let gap = if i == 0 { "" } else { "; " };
            match place.as_str() {
                "" => write!(f, "{gap}the body {}", fault.detail)?,
                place => write!(f, "{gap}{place}: {}", fault.detail)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_names_are_escaped_and_truncated_in_pointers() {
        assert_eq!(pointer_part("a/b~1"), "a~1b~01");
        assert_eq!(pointer_part(&"é".repeat(101)), "é".repeat(100));
    }
}
