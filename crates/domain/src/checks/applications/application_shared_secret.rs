//! APP-08: a machine-to-machine application authenticates with a shared secret.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, GrantType};

pub const CHECK: Check = Check {
    id: "application-shared-secret",
    version: 3,
    title: "A machine-to-machine application proves itself by a shared secret",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "The secret is in every request and in every copy of the configuration; a private key \
           or a certificate never leaves the machine.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make a key pair for the application.",
        "Under Credentials, choose Private Key JWT or mTLS and add the public key.",
        "Give the application the private key, then remove the secret.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_another, |app| {
        let grants = app.item.grant_types.known();
        let is_machine = grants.and_then(|grants| grants.has(&GrantType::ClientCredentials));
        let by_key = super::proves_itself_by_key(app);
        if !unknown::all([is_machine, by_key.map(|by_key| !by_key)])? {
            return Ok(Verdict::Pass);
        }
        let expected = Expected::OneOf(&["private_key_jwt", "tls_client_auth"]);
        app.wrong(CHECK.severity, "/token_endpoint_auth_method", &expected).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/grant_types";
    a_machine_with_a_secret_fails_and_one_with_a_key_passes {
        ["client_credentials"] => fails {"fix": null};
        ["refresh_token"] => passes;
        {"/0/grant_types": ["client_credentials"],
            "/0/client_authentication_methods": {"tls_client_auth": {"credentials": []}}} => passes;
        {"/0/grant_types": ["client_credentials"], "/0/token_endpoint_auth_method": "a new method"} => unknown;
    }
}
