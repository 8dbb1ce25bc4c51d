//! The token reading: the scopes granted to this service. Never the token itself.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field};
use crate::scope::Scopes;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenFacts {
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub scope: Field<Scopes>,
    /// Lifetime in seconds.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub expires_in: Field<Count>,
}

impl TokenFacts {
    /// None: the response did not list scopes.
    pub fn scopes(&self) -> Option<Scopes> {
        self.scope.ok().cloned()
    }

    /// Whether any of these scopes was granted. None: the response did not list scopes.
    pub fn has_any(&self, scopes: &[&str]) -> Option<bool> {
        let granted = self.scope.ok()?;
        Some(scopes.iter().any(|scope| granted.contains(scope)))
    }
}
