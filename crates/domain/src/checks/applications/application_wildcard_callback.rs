//! APP-04: a pattern stands where one address should.

use super::{KIND, RESOURCE};
use crate::checks::addresses;
use crate::checks::prelude::*;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-wildcard-callback",
    version: 3,
    title: "An application allows URLs with wildcards",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Whoever gets hold of any host that the pattern fits, such as a forgotten subdomain, \
           receives the codes and tokens of users.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > Application URIs, replace each listed pattern by the full addresses \
         that you use.",
        "Save.",
    ])
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
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, on_sample, on_sample_without, unknown, violation,
    };

    const LISTS: [&str; 4] =
        ["/0/callbacks", "/0/web_origins", "/0/allowed_origins", "/0/allowed_logout_urls"];

    #[test]
    fn the_patterns_of_each_list_are_named() {
        for list in LISTS {
            let urls = json!(["https://a.example", "https://*.b.example/callback"]);
            let judged = on_sample(&CHECK, KIND, &[(list, urls)]);
            let pointer = list.trim_start_matches("/0").to_owned();
            let found = json!(["https://*.b.example/callback"]);
            assert_eq!(evidence(judged), (pointer, found, json!([])));
        }
        let both = [(LISTS[0], json!(["*"])), (LISTS[2], json!(["*"]))];
        assert_eq!(violation(on_sample(&CHECK, KIND, &both)).evidence.len(), 2);
    }

    #[test]
    fn full_addresses_pass_and_so_does_what_is_not_for_users() {
        assert_eq!(on_sample(&CHECK, KIND, &[(LISTS[0], json!(["https://a.example"]))]), PASS);
        let machine = ("/0/grant_types", json!(["client_credentials"]));
        assert_eq!(on_sample(&CHECK, KIND, &[machine, (LISTS[0], json!(["*"]))]), PASS);
    }

    #[test]
    fn what_was_never_set_passes_and_what_is_new_is_unknown_unless_another_decides() {
        for list in LISTS {
            assert_eq!(on_sample_without(&CHECK, KIND, list), PASS);
            assert_eq!(on_sample(&CHECK, KIND, &[(list, json!("new"))]), unknown());
        }
        let changes = [(LISTS[0], json!("new")), (LISTS[1], json!(["*"]))];
        evidence(on_sample(&CHECK, KIND, &changes));
    }
}
