//! The scopes that checks need, compared with those of a token.

use std::collections::BTreeSet;

use super::Check;
use crate::readings::Part;
use crate::scope::{REQUIRED, Scopes};

/// Scopes that at least one check needs: those of readings and of parts.
pub fn useful() -> BTreeSet<&'static str> {
    super::all().flat_map(Check::scopes).chain(REQUIRED).collect()
}

/// Scopes that a check needs and that are not required.
pub fn optional() -> BTreeSet<&'static str> {
    useful().into_iter().filter(|scope| !REQUIRED.contains(scope)).collect()
}

/// Optional scopes that are not granted.
pub fn missing_optional(granted: &Scopes) -> Vec<String> {
    let parts = || Part::ALL.iter().filter(|part| part.is_given_to(granted));
    let is_missing =
        |scope: &&str| !granted.contains(scope) && parts().all(|part| part.scope() != *scope);
    optional().into_iter().filter(is_missing).map(str::to_owned).collect()
}

/// Granted scopes that no check needs, such as write scopes.
pub fn unneeded(granted: &Scopes) -> Vec<String> {
    let useful = useful();
    granted.iter().filter(|scope| !useful.contains(scope)).map(str::to_owned).collect()
}
