//! APP-02: tokens are passed in the address bar, or issued for a password that the application sees (RFC 9700 sections
//! 2.1.2 and 2.4).

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Clients, GrantType};

pub const CHECK: Check = Check {
    id: "application-insecure-grant",
    version: 3,
    title: "An application may use the implicit or a password grant",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "The implicit grant puts tokens where others read them; a password grant shows the \
           password to the application and passes by MFA pages and single sign-on.",
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
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let grants = app.item.grant_types.known()?;
        let by_password = grants.has_any(&super::BY_PASSWORD);
        // Of a public application another check reports these.
        let by_password = unknown::all([by_password, super::is_public(app).map(|is| !is)]);
        let is_implicit = grants.has(&GrantType::Implicit);
        if !unknown::any([is_implicit, by_password])? {
            return Ok(Verdict::Pass);
        }
        let offending = |grant: &GrantType| match grant {
            GrantType::Implicit => is_implicit == Ok(true),
            other => by_password == Ok(true) && super::BY_PASSWORD.contains(other),
        };
        // Tokens of the implicit grant only go to callbacks.
        let is_usable =
            is_implicit == Ok(true) && app.item.callbacks.ok().is_none_or(|urls| !urls.is_empty());
        let severity = match (is_usable, by_password == Ok(true)) {
            (true, _) => CHECK.severity,
            (false, true) => Severity::Medium,
            (false, false) => Severity::Low,
        };
        super::without_grants(app, severity, offending).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/grant_types";
    the_offending_grants_are_named_and_the_others_kept {
        ["password", "authorization_code", "implicit"] => fails {"at": "/grant_types",
            "found": ["implicit", "password"], "expected": [], "fix": {"grant_types": ["authorization_code"]}};
        ["http://auth0.com/oauth/grant-type/password-realm"], ["a-new-grant", "implicit"] => fails {"count": 1};
        ["implicit"] => fails {"severity": "high"};
        ["password"] => fails {"severity": "medium"};
        {"/0/grant_types": ["implicit"], "/0/callbacks": []}, {"/0/grant_types": ["implicit"], "/0/callbacks": "(absent)"}
            => fails {"severity": "low"};
        ["authorization_code", "client_credentials", "refresh_token"], [] => passes;
        ["a-new-grant"] => unknown;
    }
    of_a_public_application_only_the_implicit_grant_is_told_here {
        {"/0/grant_types": ["implicit", "password"], "/0/token_endpoint_auth_method": "none"}
            => fails {"found": ["implicit"], "fix": {"grant_types": ["password"]}};
        {"/0/grant_types": ["password"], "/0/token_endpoint_auth_method": "none"} => passes;
        {"/0/grant_types": ["password"], "/0/token_endpoint_auth_method": "new"} => unknown;
    }
}
