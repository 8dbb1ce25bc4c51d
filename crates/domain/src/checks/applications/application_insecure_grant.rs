//! APP-02: tokens come by the address bar, or for a password that the application sees.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{Clients, GrantType};

/// RFC 9700 sections 2.1.2 and 2.4, and what Auth0 has of the same kind.
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
    ]),
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
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, on_sample, on_sample_without, unknown};

    fn with(grants: &[&str]) -> Judgement {
        on_sample(&CHECK, KIND, &[("/0/grant_types", json!(grants))])
    }

    #[test]
    fn the_offending_grants_are_named_and_the_others_kept() {
        let judged = with(&["password", "authorization_code", "implicit"]);
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!(pointer, "/grant_types");
        assert_eq!((found, expected), (json!(["implicit", "password"]), json!([])));
        assert_eq!(change(judged).0, json!({"grant_types": ["authorization_code"]}));
        evidence(with(&["http://auth0.com/oauth/grant-type/password-realm"]));
        evidence(with(&["a-new-grant", "implicit"]));
    }

    #[test]
    fn others_pass() {
        assert_eq!(with(&["authorization_code", "client_credentials", "refresh_token"]), PASS);
        assert_eq!(with(&[]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/grant_types"), unknown());
        assert_eq!(with(&["a-new-grant"]), unknown());
    }
}
