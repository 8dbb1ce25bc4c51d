//! APP-04: a callback URL contains a wildcard.

use super::{KIND, RESOURCE};
use crate::checks::addresses;
use crate::checks::prelude::*;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-wildcard-callback",
    version: 4,
    title: "An application allows URLs with wildcards",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of any host that the pattern fits, such as a forgotten subdomain, \
           receives the codes and tokens of users.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > Application URIs, replace each listed pattern by the full addresses \
         that you use.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Logins and logouts that return to a URL that is not listed fail.",
    ))
    .without_call(),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        super::urls(app, CHECK.severity, |url| Ok(addresses::has_wildcard(url)))
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    the_patterns_of_each_list_are_named {
        {"/0/callbacks": ["https://a.example", "https://*.b.example/callback"]}
            => fails {"at": "/callbacks", "found": ["https://*.b.example/callback"], "expected": []};
        {"/0/web_origins": ["https://*.b.example"]} => fails {"at": "/web_origins"};
        {"/0/allowed_origins": ["https://*.b.example"]} => fails {"at": "/allowed_origins"};
        {"/0/allowed_logout_urls": ["https://*.b.example"]} => fails {"at": "/allowed_logout_urls"};
        {"/0/callbacks": ["*"], "/0/allowed_origins": ["*"]} => fails {"count": 2};
    }
    full_addresses_pass_and_so_does_what_is_not_for_users {
        {"/0/callbacks": ["https://a.example"]} => passes;
        {"/0/callbacks": ["*"], "/0/grant_types": ["client_credentials"]} => passes;
    }
    what_was_never_set_passes_and_what_is_new_is_unknown_unless_another_decides {
        {"/0/callbacks": "(absent)"}, {"/0/web_origins": "(absent)"}, {"/0/allowed_origins": "(absent)"},
        {"/0/allowed_logout_urls": "(absent)"} => passes;
        {"/0/callbacks": "new"}, {"/0/web_origins": "new"}, {"/0/allowed_origins": "new"},
        {"/0/allowed_logout_urls": "new"} => unknown;
        {"/0/callbacks": "new", "/0/web_origins": ["*"]} => fails {"count": 1};
    }
}
