//! API-05: the tokens of an API work for whoever has them. Null is how Auth0 says that nothing is
//! set up; the Management API cannot be set up so.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ResourceServers;

pub const CHECK: Check = Check {
    id: "api-tokens-not-sender-constrained",
    version: 2,
    title: "The tokens of an API are not bound to the application that got them",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "A token that leaks, in a log or by another API, works for whoever finds it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the applications of the API make proofs of possession (DPoP, RFC 9449).",
        "Under Settings > Token Sender-Constraining, require it.",
        "Save.",
    ]),
    controls: &[&sets::TOKENS],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    const POINTER: &str = "/proof_of_possession";
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        let (pointer, change) = match api.item.proof_of_possession.known()? {
            None => (POINTER, api.set(POINTER, json!({"mechanism": "dpop", "required": true}))),
            Some(proof) if *proof.required.known()? => return Ok(Verdict::Pass),
            Some(_) => {
                let change = api.change_members(POINTER, &[("required", json!(true))]);
                ("/proof_of_possession/required", change)
            }
        };
        let expected = Expected::Is(json!(true));
        api.wrong(CHECK.severity, pointer, &expected).fixed_by(change).into_failure()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, on_sample, on_sample_without, unknown};

    const PROOF: &str = "/1/proof_of_possession";

    #[test]
    fn none_and_an_optional_one_fail_and_a_required_one_passes() {
        let judged = on_sample(&CHECK, KIND, &[(PROOF, json!(null))]);
        assert_eq!(evidence(judged.clone()).1, json!(null));
        let dpop =
            |required| json!({"proof_of_possession": {"mechanism": "dpop", "required": required}});
        assert_eq!(change(judged), (dpop(true), json!({"proof_of_possession": null})));
        let judged = on_sample(&CHECK, KIND, &[("/1/proof_of_possession/required", json!(false))]);
        assert_eq!(evidence(judged.clone()).0, "/proof_of_possession/required");
        assert_eq!(change(judged), (dpop(true), dpop(false)));
        assert_eq!(on_sample(&CHECK, KIND, &[(PROOF, json!({"required": true}))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, PROOF), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[(PROOF, json!({}))]), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[(PROOF, json!("dpop"))]), unknown());
    }
}
