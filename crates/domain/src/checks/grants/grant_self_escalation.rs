//! GRA-02: an application other than ours can grant itself everything else.

use super::{KIND, RESOURCE};
use crate::checks::integration_client::ESCALATING;
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-self-escalation",
    version: 2,
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
    controls: &[&sets::LPR],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        let scopes = grant.item.scope.known()?.iter();
        let escalating: Vec<&str> = scopes.filter(|scope| ESCALATING.contains(scope)).collect();
        super::offending(grant, CHECK.severity, &escalating)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, judged_of_sample, on_sample, on_sample_without, unknown,
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
    fn other_scopes_pass() {
        assert_eq!(with(json!(["delete:client_grants", "read:client_grants"])), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/scope"), unknown());
        assert_eq!(with(json!({"all": true})), unknown());
    }

    #[test]
    fn only_grants_of_others_at_the_management_api_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["client-grants/grant1"]);
    }
}
