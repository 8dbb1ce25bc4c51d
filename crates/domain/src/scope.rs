//! OAuth 2.0 scopes of the Auth0 Management API (RFC 6749 section 3.3).

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Required scopes.
pub const REQUIRED: [&str; 3] = ["read:attack_protection", "read:mfa_policies", "read:stats"];

/// The scopes of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<String>);

impl<'de> Deserialize<'de> for Scopes {
    /// Parses the space-separated text of a token response. A text longer than all scopes of the Management
    /// API together is rejected, because responses and findings repeat it.
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
    /// Maximum size of the scopes of a token, in bytes: three times that of all scopes of the Management
    /// API.
    pub const BYTES_MAX: usize = 32 * 1024;

    /// Parses the space-separated `scope` of a token response.
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
}
