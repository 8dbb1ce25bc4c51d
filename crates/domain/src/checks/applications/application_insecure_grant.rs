//! APP-02: tokens are passed in the address bar, or issued for a password that the application sees.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{Clients, GrantType};

/// RFC 9700 sections 2.1.2 and 2.4, and similar grants of Auth0.
const INSECURE: [GrantType; 4] =
    [GrantType::Implicit, GrantType::Password, GrantType::PasswordRealm, GrantType::LegacyRo];

pub const CHECK: Check = Check {
    id: "application-insecure-grant",
    version: 2,
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
        if !grants.has_any(&INSECURE)? {
            return Ok(Verdict::Pass);
        }
        let all = app.value_at("/grant_types");
        let is_insecure = |name: &serde_json::Value| INSECURE.iter().any(|g| json!(g) == *name);
        let (found, kept): (Vec<_>, Vec<_>) =
            all.as_array().cloned().unwrap_or_default().into_iter().partition(is_insecure);
        let mut shown = app.shows("/grant_types", &Expected::Is(json!([])));
        shown.found = json!(found);
        Violation::from_evidence(CHECK.severity, vec![shown])
            .fixed_by(app.set("/grant_types", json!(kept)))
            .into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/grant_types";
    the_offending_grants_are_named_and_the_others_kept {
        ["password", "authorization_code", "implicit"] => fails {"at": "/grant_types",
            "found": ["implicit", "password"], "expected": [], "fix": {"grant_types": ["authorization_code"]}};
        ["http://auth0.com/oauth/grant-type/password-realm"], ["a-new-grant", "implicit"] => fails {"count": 1};
        ["authorization_code", "client_credentials", "refresh_token"], [] => passes;
        ["a-new-grant"] => unknown;
    }
}
