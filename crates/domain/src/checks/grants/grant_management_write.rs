//! GRA-01: an application other than ours may change the tenant.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-management-write",
    version: 2,
    title: "An application is granted write scopes of the Management API",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Whoever gets hold of its credential can change users, applications or the \
           protections of the tenant.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask the owner of the application what it changes.",
        "On the API of the Management API, under Machine to Machine Applications, remove the \
         listed scopes that it does not need.",
        "Update.",
    ])
    .without_call(),
    controls: &[&sets::LPR],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        let scopes = grant.item.scope.known()?.iter();
        let writing: Vec<&str> = scopes.filter(|scope| !scope.starts_with("read:")).collect();
        super::offending(grant, CHECK.severity, &writing)
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
    fn the_scopes_that_write_are_named() {
        let judged = with(json!(["update:users", "read:users", "delete:clients"]));
        let found = json!(["delete:clients", "update:users"]);
        assert_eq!(evidence(judged), ("/scope".to_owned(), found, json!([])));
    }

    #[test]
    fn reading_passes() {
        assert_eq!(with(json!(["read:users", "read:clients"])), PASS);
        assert_eq!(with(json!([])), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/scope"), unknown());
        assert_eq!(with(json!("read:users")), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/audience"), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/client_id"), unknown());
    }

    #[test]
    fn only_grants_of_others_at_the_management_api_are_judged() {
        assert_eq!(judged_of_sample(&CHECK, KIND), ["client-grants/grant1"]);
    }
}
