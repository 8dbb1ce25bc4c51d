//! An app receives codes at a scheme of its own, which other apps can register too (RFC 8252 sections 7.1 and 8.4; "Measures
//! Against Application Impersonation" in Auth0's documentation).

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{addresses, unknown};
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-custom-scheme-callback",
    version: 1,
    title: "An application receives codes at a custom scheme",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Any app on the device can register the same scheme and receive the codes of users; only a \
           link to a domain of yours is bound to your app.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the app claim https links: Universal Links on iOS, App Links on Android.",
        "Under Settings > Application URIs, replace the listed callbacks by such links.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        let callbacks = app.item.callbacks.known();
        let is_custom = |url: &&str| addresses::custom_scheme(url).is_some();
        let custom = callbacks.map(|urls| urls.iter().filter(is_custom).collect::<Vec<_>>());
        let any = custom.as_ref().map(|urls| !urls.is_empty()).map_err(|unjudged| *unjudged);
        if !unknown::all([super::sends_users(app.item), any])? {
            return Ok(Verdict::Pass);
        }
        let shown = app.lists("/callbacks", &custom?);
        Violation::from_evidence(CHECK.severity, vec![shown]).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/callbacks";
    schemes_of_apps_are_named_and_links_pass {
        ["com.acme.shop://login/callback", "https://shop.acme.test"] => fails {"at": "/callbacks",
            "found": ["com.acme.shop://login/callback"], "expected": [], "fix": null};
        ["https://shop.acme.test", "http://localhost:3000"], [], "(absent)" => passes;
        {"/0/callbacks": ["acme:/x"], "/0/grant_types": ["client_credentials"]} => passes;
        "new" => unknown;
    }
}
