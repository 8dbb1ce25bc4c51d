//! The facts of our own token: what the tenant granted to us. Never the token.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field};
use crate::scope::Scopes;

/// What the token response said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenFacts {
    /// Granted scopes.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub scope: Field<Scopes>,
    /// Lifetime in seconds.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub expires_in: Field<Count>,
}

impl TokenFacts {
    /// The granted scopes; none when the response did not say.
    pub fn scopes(&self) -> Option<Scopes> {
        self.scope.ok().cloned()
    }

    /// Whether any of these scopes was granted; none when the response did not say.
    pub fn has_any(&self, scopes: &[&str]) -> Option<bool> {
        let granted = self.scope.ok()?;
        Some(scopes.iter().any(|scope| granted.contains(scope)))
    }
}
