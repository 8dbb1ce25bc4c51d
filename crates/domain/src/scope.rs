//! OAuth 2.0 scopes of the Auth0 Management API (RFC 6749 section 3.3).

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checks;
use crate::readings::Part;

/// The scopes without which nothing useful can be read.
pub const REQUIRED: [&str; 3] = ["read:attack_protection", "read:mfa_policies", "read:stats"];

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<String>);

impl<'de> Deserialize<'de> for Scopes {
    /// From the space-separated text of a token response. A longer text than every scope of the Management API
    /// together is refused, since answers and findings repeat it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() > Self::BYTES_MAX {
            return Err(serde::de::Error::custom("the list of scopes is too long"));
        }
        Ok(Self::parse(&text))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_vec().join(" ").serialize(serializer)
    }
}

impl Scopes {
    /// Bytes that the scopes of one token may have: those of the Management API have a third of it.
    pub const BYTES_MAX: usize = 32 * 1024;

    /// From the space-separated `scope` of a token response.
    pub fn parse(text: &str) -> Self {
        Self(text.split_ascii_whitespace().map(str::to_owned).collect())
    }

    /// Whether this exact scope was granted.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// In alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// In alphabetical order.
    pub fn to_vec(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }

    /// Required scopes that are not granted.
    pub fn missing_required(&self) -> Vec<String> {
        REQUIRED.iter().filter(|s| !self.contains(s)).map(|s| (*s).to_owned()).collect()
    }

    /// Scopes that would bring further checks and are not granted.
    pub fn missing_optional(&self) -> Vec<String> {
        let parts = || Part::ALL.iter().filter(|part| part.is_given_to(self));
        let is_missing = |s: &&str| !self.contains(s) && parts().all(|part| part.scope() != *s);
        optional().into_iter().filter(is_missing).map(str::to_owned).collect()
    }

    /// Granted scopes that feed no check: above all any that can write.
    pub fn unneeded(&self) -> Vec<String> {
        let useful = useful();
        self.iter().filter(|s| !useful.contains(s)).map(str::to_owned).collect()
    }
}

/// Scopes that feed at least one check, required or optional: those of readings, and those of parts of one.
pub fn useful() -> BTreeSet<&'static str> {
    checks::all().flat_map(checks::Check::scopes).chain(REQUIRED).collect()
}

/// Scopes that feed a check and are not required.
pub fn optional() -> BTreeSet<&'static str> {
    useful().into_iter().filter(|s| !REQUIRED.contains(s)).collect()
}
