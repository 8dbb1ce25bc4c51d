//! GRA-02: an application other than ours can grant itself everything else.

use super::{KIND, RESOURCE};
use crate::checks::integration_client::ESCALATING;
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-self-escalation",
    version: 3,
    title: "An application can grant itself every scope of the Management API",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Whoever gets hold of its credential can give it all other scopes, and so owns the \
           tenant.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "On the API of the Management API, under Machine to Machine Applications, remove the \
         listed scopes.",
        "Update, then review what the application changed, in the tenant log.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        super::judge_scopes(grant, CHECK.severity, |scope| ESCALATING.contains(&scope))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, judge_each, on_sample, on_sample_without, reading, violation,
    };

    fn with(scope: serde_json::Value) -> Judgement {
        on_sample(&CHECK, KIND, &[("/0/scope", scope)])
    }

    #[test]
    fn either_scope_that_grants_scopes_fails() {
        for scope in ["create:client_grants", "update:client_grants"] {
            assert_eq!(evidence(with(json!([scope, "read:users"]))).1, json!([scope]));
        }
    }

    #[test]
    fn all_scopes_are_those_too() {
        let all = ("/0/allow_all_scopes", json!(true));
        let judged = on_sample(&CHECK, KIND, &[("/0/scope", json!([])), all]);
        assert_eq!(evidence(judged).0, "/allow_all_scopes");
    }

    #[test]
    fn a_grant_without_a_client_is_judged_as_that_of_another() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/2/client_id"), PASS);
        let grants = json!([{"id": "cgr_1", "audience": "https://acme.eu.auth0.com/api/v2/",
            "allow_all_scopes": true, "default_for": "third_party_clients"}]);
        let judged = judge_each(&CHECK, reading(KIND, grants)).unwrap().remove(0).1;
        assert_eq!(violation(judged).evidence.len(), 2);
    }

    #[test]
    fn other_scopes_pass() {
        assert_eq!(with(json!(["delete:client_grants", "read:client_grants"])), PASS);
    }
}
