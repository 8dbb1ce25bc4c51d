//! Versions of Node.js that run the customer's code at Auth0.

use super::Threshold;
use crate::inconclusive::{Inconclusive, UnknownReason};

/// The oldest major version that passes.
pub const fn oldest(check: &'static str) -> Threshold {
    Threshold {
        check,
        name: "min_major_version",
        title: "Fails on a major version of Node.js below",
        unit: "major version",
        default: 18,
        min: 4,
        max: 22,
        not_above: None,
        source: "Specification, ACT-01 and TEN-07; 22 is the newest that Auth0 offers.",
    }
}
/// The newest that Auth0 offers (`sandbox_versions_available` in the sample tenant of `auth0-checkmate`).
pub const NEWEST: &str = "22";

/// The major version of `22`, `12.19`, `node18` or `node18-actions`. Anything else is unknown.
pub fn major(version: &str) -> Result<u64, Inconclusive> {
    let number = version.strip_prefix("node").unwrap_or(version);
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| Inconclusive::Unknown(UnknownReason::NotUnderstood))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_in_either_form() {
        for (text, version) in [("22", 22), ("node18", 18), ("node18-actions", 18), ("8.11", 8)] {
            assert_eq!(major(text), Ok(version));
        }
        for text in ["", "node", "latest", "v18"] {
            assert!(major(text).is_err(), "{text}");
        }
    }
}
