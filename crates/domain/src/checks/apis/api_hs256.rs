//! API-01: the tokens of an API are signed with a secret that the API has too.

use super::{KIND, RESOURCE};
use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::readings::{ResourceServers, SigningAlgorithm};

pub const CHECK: Check = Check {
    id: "api-hs256",
    version: 1,
    title: "The tokens of an API are signed with HS256",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Anyone who reads the secret on any server of the API can make tokens for any user and \
           scope.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the API verify tokens with the public keys of the tenant.",
        "Under Settings > Token Settings, choose RS256.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "The API has to verify tokens with the tenant's public keys, or it refuses every token.",
    )),
    controls: &[&sets::CRYPTOGRAPHY, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ResourceServers>(tenant, all_of_them, |api| {
        if *api.item.signing_alg.known()? != SigningAlgorithm::HS256 {
            return Ok(Verdict::Pass);
        }
        let expected = Expected::OneOf(&["RS256", "RS512", "PS256"]);
        api.wrong(CHECK.severity, "/signing_alg", &expected)
            .fixed_by(api.set("/signing_alg", json!("RS256")))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/1/signing_alg";
    a_shared_secret_fails_and_a_key_pair_passes {
        "HS256" => fails {"at": "/signing_alg", "fix": {"signing_alg": "RS256"}, "undo": {"signing_alg": "HS256"}};
        "RS512" => passes;
    }
}
