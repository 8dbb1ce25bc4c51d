//! APP-09: somebody else's application is held by the loose rules of old. Auth0 lets nobody change
//! the mode of an application that is there.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{Clients, SecurityMode};

pub const CHECK: Check = Check {
    id: "application-third-party-permissive",
    version: 2,
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
        if !three_valued::all([is_third_party, is_permissive])? {
            return Ok(Verdict::Pass);
        }
        let expected = Expected::Is(json!("strict"));
        app.wrong(CHECK.severity, "/third_party_security_mode", &expected).into_failure()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, on_sample, on_sample_without, unknown};

    const FIRST: &str = "/0/is_first_party";
    const MODE: &str = "/0/third_party_security_mode";

    #[test]
    fn permissive_fails_and_strict_and_the_own_pass() {
        let changes = [(FIRST, json!(false)), (MODE, json!("permissive"))];
        assert_eq!(evidence(on_sample(&CHECK, KIND, &changes)).1, json!("permissive"));
        assert_eq!(on_sample(&CHECK, KIND, &[(FIRST, json!(false))]), PASS);
        assert_eq!(on_sample(&CHECK, KIND, &[(MODE, json!("permissive"))]), PASS);
        assert_eq!(on_sample_without(&CHECK, KIND, MODE), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        let changes = [(FIRST, json!(false)), (MODE, json!("a new mode"))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
        let changes = [(FIRST, json!("no")), (MODE, json!("permissive"))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
    }
}
