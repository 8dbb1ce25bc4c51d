//! APP-05: passwords are typed into pages of the application and sent from there.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Clients;

pub const CHECK: Check = Check {
    id: "application-cross-origin-authentication",
    version: 2,
    title: "An application may use cross-origin authentication",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Users type their password outside of the login page, so a script on any page of the \
           application can read it, and it rests on third-party cookies.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Move the application to Universal Login.",
        "Under Advanced Settings, switch cross-origin authentication off.",
        "Save.",
    ]),
    controls: &[&sets::OAU],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<Clients>(tenant, super::is_of_the_tenant, |app| {
        app.switch(
            CHECK.severity,
            "/cross_origin_authentication",
            app.item.cross_origin_authentication.known(),
            true,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judged_of_sample, on_sample, on_sample_without, unknown,
    };

    #[test]
    fn on_fails_and_off_passes() {
        let judged = on_sample(&CHECK, KIND, &[("/0/cross_origin_authentication", json!(true))]);
        assert_eq!(
            evidence(judged.clone()),
            ("/cross_origin_authentication".to_owned(), json!(true), json!(false))
        );
        assert_eq!(
            change(judged),
            (
                json!({"cross_origin_authentication": false}),
                json!({"cross_origin_authentication": true})
            )
        );
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/cross_origin_authentication", json!(false))]),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/cross_origin_authentication"), unknown());
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/0/cross_origin_authentication", json!("a new value"))]),
            unknown()
        );
    }

    #[test]
    fn only_the_applications_of_the_tenant_are_judged() {
        let judged = judged_of_sample(&CHECK, KIND);
        assert_eq!(judged, ["clients/app1", "clients/our-client"]);
    }
}
