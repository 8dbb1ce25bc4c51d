//! CON-06: a social connection uses Auth0's shared developer keys: then the client ID is empty.

use super::{KIND, RESOURCE};
use crate::checks::in_use;
use crate::checks::prelude::*;
use crate::readings::Connections;

pub const CHECK: Check = Check {
    id: "connection-developer-keys",
    version: 2,
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
    .with_side_effects(SideEffects::after_changes(
        "Needs an application of your own at the provider; users consent to it at their next \
         login.",
    ))
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
        let is_recorded = super::RECORDED.contains(&connection.item.strategy.known()?.as_str());
        connection
            .wrong(in_use::graded(connection, CHECK.severity), "/options/client_id", &Expected::SET)
            .with_confidence((!is_recorded).then_some(Confidence::Medium))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/options/client_id";
    no_key_of_its_own_fails {
        "" => fails {"found": "", "expected": {"at_least": 1}, "fix": null, "confidence": null};
        "(absent)" => fails {"found": null, "evidence/0/assumed": "", "confidence": null};
        "ours" => passes;
    }
    strategies_of_no_recording_are_less_sure_and_others_left_out {
        {"/1/strategy": "twitter", "/1/options": {}} => fails {"confidence": "medium"};
        {"/1/strategy": "oauth1", "/1/options": {}}, {"/1/strategy": "samlp", "/1/options": {}} => left_out;
    }
}
