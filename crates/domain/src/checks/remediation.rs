//! The remediation of a check: steps in the dashboard, and a call of the Management API.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Patch,
    Put,
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
}

impl Remediation {
    /// Without a call.
    #[must_use]
    pub const fn without_call(self) -> Self {
        Self { call: None, required_scope: None, ..self }
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
fn percent_encoded(id: &str) -> String {
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
