//! API-04: what a user may do at an API is not decided by the roles of the user. Roles say nothing
//! at the Management API.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ResourceServers;

pub const CHECK: Check = Check {
    id: "api-rbac-not-enforced",
    version: 2,
    title: "An API does not enforce role-based access control",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Every user gets every scope that the application asks for, so the API alone has to \
           know who may do what.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Give your users roles that hold the permissions of the API.",
        "Under Settings > RBAC Settings, enable RBAC.",
        "Save.",
    ]),
    controls: &[&sets::LPR],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ResourceServers>(tenant, super::is_of_the_customer, |api| {
        api.switch(CHECK.severity, "/enforce_policies", api.item.enforce_policies.known(), false)
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
        let judged = on_sample(&CHECK, KIND, &[("/1/enforce_policies", json!(false))]);
        assert_eq!(
            evidence(judged.clone()),
            ("/enforce_policies".to_owned(), json!(false), json!(true))
        );
        assert_eq!(
            change(judged),
            (json!({"enforce_policies": true}), json!({"enforce_policies": false}))
        );
        assert_eq!(on_sample(&CHECK, KIND, &[("/1/enforce_policies", json!(true))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/1/enforce_policies"), unknown());
        assert_eq!(
            on_sample(&CHECK, KIND, &[("/1/enforce_policies", json!("a new value"))]),
            unknown()
        );
    }

    #[test]
    fn the_apis_that_it_is_about_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["resource-servers/orders"]);
    }
}
