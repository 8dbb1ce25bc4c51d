//! The calls that fix a finding and undo it, and the same for the tools that engineers use. Pure;
//! nothing of it is ever executed here. What is in it comes from a tenant and is hostile: every tool
//! has its own way of quoting.

mod apply;
mod cli;
mod hcl;
mod terraform;

pub use apply::NotApplied;

use serde_json::Value;

use crate::checks::{Change, Check, Method, object_id};

const BASE: &str = "/api/v2/";

/// One call of the Auth0 Management API.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// How.
    pub method: Method,
    /// From `/api/v2/`; the id of an object is percent-encoded.
    pub path: String,
    /// The whole body.
    pub body: Value,
}

/// The call that fixes a finding, and the one that undoes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// The call that fixes it.
    pub call: Call,
    /// The call that undoes it.
    pub undo: Call,
    /// The same as arguments of a resource of Auth0's Terraform provider; none where the provider
    /// cannot say it.
    pub terraform: Option<String>,
}

impl Fix {
    /// Of a finding on `resource`; none where no single call fixes what the check is about.
    pub fn for_change(check: &Check, resource: &str, change: Change) -> Option<Self> {
        let (_, template) = check.remediation.call?;
        let (method, path) = check.remediation.call_on(resource)?;
        let terraform = terraform::snippet(template, object_id(resource), &change.body);
        Some(Self {
            call: Call { method, path: path.clone(), body: change.body },
            undo: Call { method, path, body: change.undo },
            terraform,
        })
    }
}

impl Call {
    /// The same as a command of Auth0's CLI, for a POSIX shell.
    pub fn auth0_cli(&self) -> String {
        cli::command(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::find;

    fn change() -> Change {
        Change { body: json!({"oidc_conformant": true}), undo: json!({"oidc_conformant": false}) }
    }

    #[test]
    fn the_object_of_a_collection_is_named_in_the_path() {
        let check = find("application-not-oidc-conformant").unwrap();
        let fix = Fix::for_change(check, "clients/abc", change()).unwrap();
        assert_eq!(
            (fix.call.path.as_str(), fix.call.method),
            ("/api/v2/clients/abc", Method::Patch)
        );
        assert_eq!((&fix.call.body, &fix.undo.body), (&change().body, &change().undo));
        assert_eq!(fix.undo.path, fix.call.path);
    }

    #[test]
    fn a_hostile_id_stays_one_segment_of_the_path() {
        let check = find("application-not-oidc-conformant").unwrap();
        let fix = Fix::for_change(check, "clients/a?b#c%d`$(e)\"f..|g", change()).unwrap();
        assert_eq!(fix.call.path, "/api/v2/clients/a%3Fb%23c%25d%60%24%28e%29%22f..%7Cg");
    }

    #[test]
    fn a_check_that_no_call_fixes_has_none() {
        let check = find("grant-all-scopes").unwrap();
        assert_eq!(Fix::for_change(check, "client-grants/x", change()), None);
    }
}
