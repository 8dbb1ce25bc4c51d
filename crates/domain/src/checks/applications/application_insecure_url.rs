//! APP-03: an application sends users, or their tokens, to addresses that others can read or sit
//! behind.

use super::{KIND, RESOURCE};
use crate::checks::addresses;
use crate::checks::prelude::*;
use crate::readings::{AppType, Client, Clients};

pub const CHECK: Check = Check {
    id: "application-insecure-url",
    version: 4,
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
    .without_call(),
    controls: &[&sets::OAUTH, &sets::CRYPTOGRAPHY],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        super::urls(app, CHECK.severity, |url| is_insecure(app.item, url))
    })
}

/// A native application may have its codes sent to the machine that it runs on (RFC 8252 section
/// 7.3); whoever is none has left it over from development.
fn is_insecure(app: &Client, url: &str) -> Result<bool, Inconclusive> {
    if addresses::is_loopback(url) {
        return Ok(*app.app_type.known()? != AppType::Native);
    }
    Ok(addresses::is_clear_text(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, on_sample, on_sample_without, unknown, violation,
    };

    const LISTS: [&str; 4] =
        ["/0/callbacks", "/0/web_origins", "/0/allowed_origins", "/0/allowed_logout_urls"];

    #[test]
    fn the_offending_urls_of_each_list_are_named() {
        for list in LISTS {
            let urls = json!(["https://a.example", "http://b.example", "https://localhost"]);
            let found = json!(["http://b.example", "https://localhost"]);
            let judged = on_sample(&CHECK, KIND, &[(list, urls)]);
            let pointer = list.trim_start_matches("/0").to_owned();
            assert_eq!(evidence(judged.clone()), (pointer, found, json!([])));
            assert_eq!(violation(judged).change, None);
        }
    }

    #[test]
    fn a_native_application_may_listen_on_its_own_machine() {
        let at = |app_type, url| [("/0/app_type", json!(app_type)), ("/0/callbacks", json!([url]))];
        assert_eq!(on_sample(&CHECK, KIND, &at("native", "http://127.0.0.1:7000")), PASS);
        assert_eq!(on_sample(&CHECK, KIND, &at("native", "com.example.app:/callback")), PASS);
        evidence(on_sample(&CHECK, KIND, &at("native", "http://b.example")));
        evidence(on_sample(&CHECK, KIND, &at("spa", "http://localhost:3000")));
        assert_eq!(on_sample(&CHECK, KIND, &at("new", "http://localhost:3000")), unknown());
    }

    #[test]
    fn who_only_gets_tokens_for_itself_sends_nobody_anywhere() {
        let machine = ("/0/grant_types", json!(["client_credentials"]));
        let changes = [machine, ("/0/callbacks", json!(["http://b.example"]))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), PASS);
    }

    #[test]
    fn what_was_never_set_passes_and_what_is_new_is_unknown() {
        for list in LISTS {
            assert_eq!(on_sample_without(&CHECK, KIND, list), PASS);
            assert_eq!(on_sample(&CHECK, KIND, &[(list, json!("new"))]), unknown());
        }
    }
}
