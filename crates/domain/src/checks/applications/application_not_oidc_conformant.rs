//! APP-10: an application is served by the rules from before OpenID Connect.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-not-oidc-conformant",
    version: 2,
    title: "An application is not OIDC conformant",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "It gets tokens by legacy flows, with profiles in ID tokens and opaque access tokens \
           that every API takes.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the application ask for tokens as OpenID Connect has it.",
        "Under Advanced Settings > OAuth, switch OIDC Conformant on.",
        "Save.",
    ]),
    controls: &[&sets::OAU],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        app.switch(CHECK.severity, "/oidc_conformant", app.item.oidc_conformant.known(), false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judged_of_sample, on_sample, on_sample_without, unknown,
    };

    #[test]
    fn off_fails_and_on_passes() {
        let judged = on_sample(&CHECK, KIND, &[("/0/oidc_conformant", json!(false))]);
        assert_eq!(
            evidence(judged.clone()),
            ("/oidc_conformant".to_owned(), json!(false), json!(true))
        );
        assert_eq!(
            change(judged),
            (json!({"oidc_conformant": true}), json!({"oidc_conformant": false}))
        );
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/oidc_conformant", json!(true))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/oidc_conformant"), unknown());
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/oidc_conformant", json!("a new value"))]),
            unknown()
        );
    }

    #[test]
    fn only_the_applications_of_the_tenant_are_judged() {
        let judged = judged_of_sample(&CHECK, KIND);
        assert_eq!(judged, ["clients/app1", "clients/our-client"]);
    }
}
