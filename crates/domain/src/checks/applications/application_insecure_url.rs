//! APP-03: an application sends users or their tokens to addresses that others can read or control.

use super::{KIND, RESOURCE};
use crate::checks::addresses;
use crate::checks::prelude::*;
use crate::readings::{AppType, Client, Clients};

pub const CHECK: Check = Check {
    id: "application-insecure-url",
    version: 6,
    title: "An application allows insecure callback, origin or logout URLs",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Codes and tokens travel in the clear, or to whatever program listens on the machine \
           of the user.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > Application URIs, replace the listed entries by https addresses.",
        "Use another application, in another tenant, for development.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Logins and logouts that return to a removed URL fail.",
    ))
    .without_call(),
    controls: &[&sets::OAUTH, &sets::CRYPTOGRAPHY],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let judged = super::urls(app, CHECK.severity, |url| is_insecure(app.item, url))?;
        let Verdict::Fail(mut violation) = judged else { return Ok(judged) };
        let is_far = |url: &serde_json::Value| !url.as_str().is_some_and(addresses::is_loopback);
        let found = violation.evidence.iter().filter_map(|shown| shown.found.as_array());
        if !found.flatten().any(is_far) {
            // An attacker has to be on the machine of the user.
            let app_type = app.item.app_type.ok();
            let is_native = app_type.is_none_or(|app_type| *app_type == AppType::Native);
            violation.severity = if is_native { Severity::Low } else { Severity::Medium };
            violation.at_worst =
                if app_type.is_none() { Severity::Medium } else { violation.severity };
        }
        Ok(Verdict::Fail(violation))
    })
}

/// Native applications may receive codes on the user's machine at a loopback address, and should not by name, which
/// may resolve to another (RFC 8252 sections 7.3 and 8.3). For others this is left over from development.
fn is_insecure(app: &Client, url: &str) -> Result<bool, Inconclusive> {
    // Links to an app never leave the device ("localhost" is what web views call themselves).
    if addresses::custom_scheme(url).is_some() {
        return Ok(false);
    }
    if addresses::is_loopback_name(url) {
        return Ok(true);
    }
    if addresses::is_loopback(url) {
        return Ok(*app.app_type.known()? != AppType::Native);
    }
    Ok(addresses::is_clear_text(url))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    the_offending_urls_of_each_list_are_named {
        {"/0/callbacks": ["https://a.example", "http://b.example", "https://localhost"]} => fails {
            "at": "/callbacks", "found": ["http://b.example", "https://localhost"], "expected": [], "fix": null,
            "severity": "high"};
        {"/0/web_origins": ["http://b.example"]} => fails {"at": "/web_origins"};
        {"/0/allowed_origins": ["http://b.example"]} => fails {"at": "/allowed_origins"};
        {"/0/allowed_logout_urls": ["http://b.example"]} => fails {"at": "/allowed_logout_urls"};
    }
    a_native_application_may_listen_on_its_own_machine {
        {"/0/app_type": "native", "/0/callbacks": ["http://127.0.0.1:7000", "com.example.app:/callback"]} => passes;
        {"/0/app_type": "native", "/0/callbacks": ["http://b.example"]} => fails {"count": 1};
        {"/0/app_type": "native", "/0/allowed_origins": ["capacitor://localhost", "ionic://localhost"]} => passes;
        {"/0/app_type": "native", "/0/callbacks": ["http://localhost:3000"]} => fails {"severity": "low"};
        {"/0/app_type": "spa", "/0/callbacks": ["http://localhost:3000"]},
        {"/0/app_type": "spa", "/0/callbacks": ["http://127.0.0.1:3000"]} => fails {"severity": "medium"};
        {"/0/app_type": "new", "/0/callbacks": ["http://localhost:3000"]} => fails {"severity": "low"};
        {"/0/app_type": "new", "/0/callbacks": ["http://127.0.0.1:3000"]} => unknown;
    }
    who_only_gets_tokens_for_itself_sends_nobody_anywhere {
        {"/0/grant_types": ["client_credentials"], "/0/callbacks": ["http://b.example"]} => passes;
    }
    what_was_never_set_passes_and_what_is_new_is_unknown {
        {"/0/callbacks": "(absent)"}, {"/0/web_origins": "(absent)"}, {"/0/allowed_origins": "(absent)"},
        {"/0/allowed_logout_urls": "(absent)"} => passes;
        {"/0/callbacks": "new"}, {"/0/web_origins": "new"}, {"/0/allowed_origins": "new"},
        {"/0/allowed_logout_urls": "new"} => unknown;
    }
}
