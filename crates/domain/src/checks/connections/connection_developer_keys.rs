//! CON-06: a social connection uses Auth0's shared developer keys: then the client ID is empty.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Connections;

pub const CHECK: Check = Check {
    id: "connection-developer-keys",
    version: 1,
    title: "A social connection uses the developer keys of Auth0",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "The provider shows users Auth0's name instead of yours, anybody's tenant uses the \
           same keys, and single sign-on and MFA do not work as they should.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Register an application with the provider.",
        "On the connection, enter its client ID and secret.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::CONFIGURATION, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Connections>(tenant, super::is_social, |connection| {
        if !super::options(connection)?.client_id.known()?.as_str().is_empty() {
            return Ok(Verdict::Pass);
        }
        connection.wrong(CHECK.severity, "/options/client_id", &Expected::SET).into_failure()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, on_sample, violation};

    const ID: &str = "/1/options/client_id";

    #[test]
    fn no_key_of_its_own_fails() {
        let judged = on_sample(&CHECK, KIND, &[(ID, json!(""))]);
        let (_, found, expected) = evidence(judged.clone());
        assert_eq!((found, expected), (json!(""), json!({"at_least": 1})));
        assert_eq!(violation(judged).change, None);
        assert_eq!(on_sample(&CHECK, KIND, &[(ID, json!("ours"))]), PASS);
    }
}
