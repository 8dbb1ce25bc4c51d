//! A machine-to-machine application may also log users in: left over from before it was one, or from the defaults of
//! old tenants. Auth0 creates such applications with client credentials alone.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{AppType, Clients, GrantType};

pub const CHECK: Check = Check {
    id: "application-machine-with-user-grants",
    version: 1,
    title: "A machine-to-machine application may log users in",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Whoever has its secret can start logins and ask users for consent in the name of an \
           application that nobody expects to have users.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that the application logs nobody in.",
        "Under Advanced Settings > Grant Types, leave Client Credentials alone.",
        "Under Application URIs, clear the callback URLs, and save.",
    ])
    .with_side_effects(SideEffects::after_changes("Logins of users by this application fail.")),
    controls: &[&sets::OAUTH, &sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

/// Grants that log users in.
const OF_USERS: [GrantType; 8] = [
    GrantType::AuthorizationCode,
    GrantType::Implicit,
    GrantType::Password,
    GrantType::PasswordRealm,
    GrantType::PasswordlessOtp,
    GrantType::DeviceCode,
    GrantType::Ciba,
    GrantType::LegacyRo,
];

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let is_machine = app.item.app_type.known().map(|of| *of == AppType::NonInteractive);
        let grants = app.item.grant_types.known().and_then(|of| of.has_any(&OF_USERS));
        let callbacks = app.item.callbacks.known().map(|urls| !urls.is_empty());
        let either = unknown::any([grants, callbacks]);
        if !unknown::all([is_machine, either])? {
            return Ok(Verdict::Pass);
        }
        // Together they work.
        let does_both = grants == Ok(true) && callbacks == Ok(true);
        let severity = if does_both { Severity::Medium } else { CHECK.severity };
        let mut violation = Violation::from_evidence(severity, Vec::new());
        let mut change = Change::nothing();
        if grants == Ok(true) {
            let without = super::without_grants(app, severity, |grant| OF_USERS.contains(grant));
            violation.evidence.extend(without.evidence);
            change = change.with(without.change.unwrap_or_else(Change::nothing));
        }
        if callbacks == Ok(true) {
            violation.evidence.push(app.shows("/callbacks", &Expected::Is(json!([]))));
            change = change.with(app.set("/callbacks", json!([])));
        }
        violation.fixed_by(change).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    grants_for_users_and_callbacks_fail_and_both_together_are_worse {
        {"/1/grant_types": ["client_credentials", "implicit"]} => fails {"severity": "low", "at": "/grant_types",
            "found": ["implicit"], "fix": {"grant_types": ["client_credentials"]}};
        {"/1/callbacks": ["https://a.acme.test"]} => fails {"severity": "low", "at": "/callbacks",
            "fix": {"callbacks": []}, "undo": {"callbacks": ["https://a.acme.test"]}};
        {"/1/grant_types": ["client_credentials", "implicit"], "/1/callbacks": ["https://a.acme.test"]}
            => fails {"severity": "medium", "count": 2};
    }
    client_credentials_alone_and_other_kinds_pass {
        {"/1/callbacks": []}, {"/1/grant_types": []} => passes;
        {"/0/callbacks": ["https://a.acme.test"]} => passes;
        {"/1/app_type": "new", "/1/callbacks": ["https://a.acme.test"]} => unknown;
        {"/1/callbacks": "new"} => unknown;
    }
}
