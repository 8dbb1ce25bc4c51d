//! A public application may use a password grant (RFC 9700 section 2.4: it must not be used). Worse than on an
//! application that authenticates: anyone can send passwords in its name.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, GrantType};

pub const CHECK: Check = Check {
    id: "application-public-password-grant",
    version: 1,
    title: "A public application may use a password grant",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who knows the client ID, which is public, can try passwords at the token endpoint in \
           the name of the application: without a login page, MFA pages or a bot challenge.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Move the application to the authorization code grant with PKCE.",
        "Under Advanced Settings > Grant Types, clear the listed grants.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Logins with a removed grant fail; the application has to use the authorization code \
         flow with PKCE.",
    )),
    controls: &[&sets::OAUTH, &sets::BRUTE_FORCE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let by_password =
            app.item.grant_types.known().and_then(|of| of.has_any(&super::BY_PASSWORD));
        if !unknown::all([by_password, super::is_public(app)])? {
            return Ok(Verdict::Pass);
        }
        let is_one = |grant: &GrantType| super::BY_PASSWORD.contains(grant);
        super::without_grants(app, CHECK.severity, is_one).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    a_public_application_with_one_fails_and_the_others_are_kept {
        {"/0/token_endpoint_auth_method": "none", "/0/grant_types": ["authorization_code", "password",
            "http://auth0.com/oauth/grant-type/password-realm"]} => fails {"at": "/grant_types", "expected": [],
            "found": ["http://auth0.com/oauth/grant-type/password-realm", "password"],
            "fix": {"grant_types": ["authorization_code"]}};
    }
    one_that_authenticates_and_other_grants_pass {
        {"/0/grant_types": ["password"]}, {"/0/token_endpoint_auth_method": "none"} => passes;
        {"/0/grant_types": ["password"], "/0/token_endpoint_auth_method": "(absent)"} => passes;
        {"/0/grant_types": ["password"], "/0/token_endpoint_auth_method": "new"} => unknown;
        {"/0/grant_types": ["a-new-grant"], "/0/token_endpoint_auth_method": "none"} => unknown;
    }
}
