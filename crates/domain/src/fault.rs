//! What is wrong with an input, said once for each fault, with where it is and how to mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest name of a member that is told, in characters.
const NAME_MAX: usize = 100;

/// Where a fault is.
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

/// One fault. `detail` says what is wrong and how to mend it, and never repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// Where.
    pub place: FaultLocation,
    /// What and how to mend it.
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

/// A member's name as a part of a JSON Pointer.
pub fn pointer_part(name: &str) -> String {
    // A client's own name comes back in the pointer; a huge one would make a huge answer.
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
    fn a_name_becomes_a_part_of_a_pointer_and_a_huge_one_is_cut() {
        assert_eq!(pointer_part("a/b~1"), "a~1b~01");
        assert_eq!(pointer_part(&"é".repeat(101)), "é".repeat(100));
    }
}
