//! API-05: access tokens of an API are not bound to their sender. Not for the Management API, which does not support
//! it.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ResourceServers;

pub const CHECK: Check = Check {
    id: "api-tokens-not-sender-constrained",
    version: 3,
    title: "The tokens of an API are not bound to the application that got them",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "A token that leaks, in a log or by another API, works for anyone who finds it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the applications of the API make proofs of possession (DPoP, RFC 9449).",
        "Under Settings > Token Sender-Constraining, require it.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications have to prove possession of a key (DPoP, mutual TLS), or they get no \
         tokens.",
    )),
    controls: &[&sets::TOKENS],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    const POINTER: &str = "/proof_of_possession";
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        let proof = &api.item.proof_of_possession;
        if *proof.known()?.required.known()? {
            return Ok(Verdict::Pass);
        }
        let change = if proof.is_absent() {
            let bound = json!({"mechanism": "dpop", "required": true});
            Change::between(POINTER, json!(null), bound)
        } else {
            api.change_members(POINTER, &[("required", json!(true))])
        };
        api.wrong(CHECK.severity, "/proof_of_possession/required", &Expected::Is(json!(true)))
            .fixed_by(change)
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/proof_of_possession";
    none_and_an_optional_one_fail_and_a_required_one_passes {
        null, "(absent)" => fails {"found": null, "evidence/0/assumed": false, "undo": {"proof_of_possession": null},
            "fix": {"proof_of_possession": {"mechanism": "dpop", "required": true}}};
        {"/1/proof_of_possession/required": false} => fails {"at": "/proof_of_possession/required",
            "fix": {"proof_of_possession": {"mechanism": "dpop", "required": true}},
            "undo": {"proof_of_possession": {"mechanism": "dpop", "required": false}}};
        {"/1/proof_of_possession": {"required": true}} => passes;
        {"/1/proof_of_possession": {}} => unknown;
    }
}
