//! The remediation of a check: steps in the dashboard, and a call of the Management API.

use serde::{Deserialize, Serialize};

use crate::named_enum::named_enum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Patch,
    Put,
}

impl Method {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patch => "PATCH",
            Self::Put => "PUT",
        }
    }
}

/// How to fix a finding. The bodies of the call are computed from the tenant's values: [`super::Violation::change`].
#[derive(Debug)]
pub struct Remediation {
    /// Location in Auth0's dashboard.
    pub dashboard_path: &'static str,
    /// In order.
    pub steps: &'static [&'static str],
    /// Method and path from `/api/v2/`. None: no single call fixes it.
    pub call: Option<(Method, &'static str)>,
    /// The scope of the call.
    pub required_scope: Option<&'static str>,
    pub side_effects: SideEffects,
}

/// What a remediation does to users and applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideEffects {
    reach: Reach,
    pub text: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nobody,
    Users,
    /// Applications, APIs, code or contracts have to change first.
    Preparation,
}

named_enum! {
    /// Effort of a remediation.
    pub enum Effort {
        /// One call, and no one notices.
        Low = "low",
        /// Users notice, or it is done by hand.
        Medium = "medium",
        /// Something outside the tenant's settings has to change first.
        High = "high",
    }
}

impl SideEffects {
    /// No one notices.
    pub const fn none(text: &'static str) -> Self {
        Self { reach: Reach::Nobody, text }
    }

    /// Users notice.
    pub const fn on_users(text: &'static str) -> Self {
        Self { reach: Reach::Users, text }
    }

    /// Applications, APIs, code or contracts have to change first.
    pub const fn after_changes(text: &'static str) -> Self {
        Self { reach: Reach::Preparation, text }
    }

    /// Effort of the remediation, which is a call or done by hand.
    pub const fn effort(self, is_call: bool) -> Effort {
        match self.reach {
            Reach::Preparation => Effort::High,
            Reach::Nobody if is_call => Effort::Low,
            Reach::Nobody | Reach::Users => Effort::Medium,
        }
    }
}

impl Remediation {
    /// Without a call.
    #[must_use]
    pub const fn without_call(self) -> Self {
        Self { call: None, required_scope: None, ..self }
    }

    /// With other side effects than the rest of its area.
    #[must_use]
    pub const fn with_side_effects(self, side_effects: SideEffects) -> Self {
        Self { side_effects, ..self }
    }

    /// The call for this resource. `{id}` stands for the object's id, with which the resource ends.
    pub fn call_on(&self, resource: &str) -> Option<(Method, String)> {
        let (method, template) = self.call?;
        Some((method, template.replace("{id}", &percent_encoded(object_id(resource)))))
    }
}

/// The id at the end of a resource.
pub(crate) fn object_id(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or_default()
}

/// As one path segment (RFC 3986 section 2.3).
pub(crate) fn percent_encoded(id: &str) -> String {
    let mut encoded = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 15].map(|nibble| HEX[usize::from(nibble)]));
        }
    }
    encoded
}

const HEX: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effort_follows_who_is_affected_and_whether_it_is_a_call() {
        for (side_effects, by_call, by_hand) in [
            (SideEffects::none(""), Effort::Low, Effort::Medium),
            (SideEffects::on_users(""), Effort::Medium, Effort::Medium),
            (SideEffects::after_changes(""), Effort::High, Effort::High),
        ] {
            assert_eq!((side_effects.effort(true), side_effects.effort(false)), (by_call, by_hand));
        }
    }
}
