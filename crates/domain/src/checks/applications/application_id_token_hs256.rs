//! APP-01: ID tokens are signed with the secret of the application.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, SigningAlgorithm};

pub const CHECK: Check = Check {
    id: "application-id-token-hs256",
    version: 3,
    title: "An application has its ID tokens signed with HS256",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who has the client secret, which every copy of the application holds, can make \
           ID tokens for any user.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the application verify ID tokens with the public keys of the tenant.",
        "Under Advanced Settings > OAuth, choose RS256.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "The application has to verify ID tokens with the tenant's public keys, or every \
         login fails.",
    )),
    controls: &[&sets::CRYPTOGRAPHY, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        // Who only gets tokens for itself gets no ID token.
        let sends_users = super::sends_users(app.item);
        if sends_users == Ok(false) {
            return Ok(Verdict::Pass);
        }
        let alg = &app.item.jwt_configuration.known()?.alg;
        let is_shared = alg.known().map(|alg| *alg == SigningAlgorithm::HS256);
        // Left out, it does not matter to public applications: they get RS256 from the token endpoint ("Delegation
        // Tokens" in Auth0's documentation).
        let is_moot = alg.is_absent() && super::is_public(app) == Ok(true);
        if is_moot || !unknown::all([sends_users, is_shared])? {
            return Ok(Verdict::Pass);
        }
        let expected = Expected::OneOf(&["RS256", "RS512", "PS256"]);
        app.wrong(CHECK.severity, "/jwt_configuration/alg", &expected)
            .fixed_by(app.change_members("/jwt_configuration", &[("alg", json!("RS256"))]))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/jwt_configuration/alg";
    a_shared_secret_fails_and_a_key_pair_passes {
        "HS256" => fails {"at": "/jwt_configuration/alg",
            "fix": {"jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 3_600, "secret_encoded": false}},
            "undo": {"jwt_configuration": {"alg": "HS256", "lifetime_in_seconds": 3_600, "secret_encoded": false}}};
        "PS256" => passes;
        "ES256" => unknown;
    }
    left_out_it_is_likely_the_shared_secret_of_an_application_that_has_one {
        "(absent)" => fails {"found": null, "evidence/0/assumed": "HS256", "confidence": "medium"};
        {"/0/jwt_configuration/alg": "(absent)", "/0/token_endpoint_auth_method": "none"} => passes;
    }
    who_only_gets_tokens_for_itself_gets_no_id_token {
        {"/0/jwt_configuration/alg": "HS256", "/0/grant_types": ["client_credentials"]},
        {"/0/jwt_configuration/alg": "(absent)", "/0/grant_types": ["client_credentials"]} => passes;
        {"/0/jwt_configuration/alg": "HS256", "/0/grant_types": ["a-new-grant"]} => unknown;
    }
    an_application_is_global_only_where_auth0_says_so {
        {"/0/global": "(absent)"} => passes;
        {"/0/global": "new"} => unknown;
    }
}
