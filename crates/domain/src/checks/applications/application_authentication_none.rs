//! APP-07: an application that can keep a secret does not authenticate.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, TokenEndpointAuth};

pub const CHECK: Check = Check {
    id: "application-authentication-none",
    version: 4,
    title: "A confidential application does not authenticate at the token endpoint",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of a code or a refresh token can redeem it in the name of the \
           application.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Credentials, choose an authentication method; best a private key JWT.",
        "Give the application its credential.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "The application has to send its secret to the token endpoint, or it gets no tokens.",
    )),
    controls: &[&sets::OAUTH, &sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    const POINTER: &str = "/token_endpoint_auth_method";
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let method = app.item.token_endpoint_auth_method.known();
        let proves_nothing = match super::proves_itself_by_key(app) {
            Ok(true) => Ok(false),
            Ok(false) | Err(_) => method.map(|method| *method == TokenEndpointAuth::None),
        };
        if !unknown::all([super::can_keep_a_secret(app.item), proves_nothing])? {
            return Ok(Verdict::Pass);
        }
        app.wrong(CHECK.severity, POINTER, &super::BY_SECRET)
            .fixed_by(app.set(POINTER, json!("client_secret_post")))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/token_endpoint_auth_method";
    a_confidential_application_without_a_method_fails {
        {"/0/app_type": "regular_web", "/0/token_endpoint_auth_method": "none"},
        {"/0/app_type": "non_interactive", "/0/token_endpoint_auth_method": "none"},
        {"/0/app_type": "resource_server", "/0/token_endpoint_auth_method": "none"},
        {"/0/app_type": "sso_integration", "/0/token_endpoint_auth_method": "none"}
            => fails {"found": "none", "undo": {"token_endpoint_auth_method": "none"}};
        {"/0/app_type": "a new type", "/0/token_endpoint_auth_method": "none"} => unknown;
    }
    a_secret_a_key_and_a_public_application_pass {
        "client_secret_basic" => passes;
        {"/0/app_type": "spa", "/0/token_endpoint_auth_method": "none"} => passes;
        {"/0/client_authentication_methods": {"private_key_jwt": {"credentials": []}},
            "/0/token_endpoint_auth_method": null} => passes;
    }
    a_method_that_was_never_chosen_is_a_secret {
        "(absent)" => passes;
    }
}
