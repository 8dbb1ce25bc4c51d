//! APP-09: a third-party application has the permissive security mode. Auth0 does not allow changing the mode of an
//! existing application.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, SecurityMode};

pub const CHECK: Check = Check {
    id: "application-third-party-permissive",
    version: 3,
    title: "A third-party application is in the permissive mode",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "It may ask for APIs that nobody allowed it, and use flows that are closed to new \
           third-party applications.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Register the application anew, in the strict mode, with the APIs that it needs.",
        "Move its users over, then delete this one.",
    ])
    .without_call(),
    controls: &[&sets::OAUTH, &sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let is_third_party = app.item.is_first_party.known().map(|first| !first);
        let mode = app.item.third_party_security_mode.known();
        let is_permissive = mode.map(|mode| *mode == SecurityMode::Permissive);
        if !unknown::all([is_third_party, is_permissive])? {
            return Ok(Verdict::Pass);
        }
        let expected = Expected::Is(json!("strict"));
        app.wrong(CHECK.severity, "/third_party_security_mode", &expected).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    permissive_fails_and_strict_and_the_own_pass {
        {"/0/is_first_party": false, "/0/third_party_security_mode": "permissive"} => fails {"found": "permissive"};
        {"/0/is_first_party": false} => passes;
        {"/0/third_party_security_mode": "permissive"} => passes;
        {"/0/third_party_security_mode": "(absent)"} => passes;
    }
}
