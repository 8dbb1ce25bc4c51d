//! GRA-02: another application can grant itself all other scopes.

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
    risk: "Anyone who gets hold of its credential can give it all other scopes, and so owns the \
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
crate::checks::testing::verdicts! { CHECK "/0/scope";
    either_scope_that_grants_scopes_fails_and_others_pass {
        ["create:client_grants", "read:users"] => fails {"found": ["create:client_grants"]};
        ["update:client_grants", "read:users"] => fails {"found": ["update:client_grants"]};
        ["delete:client_grants", "read:client_grants"] => passes;
        {"/0/scope": [], "/0/allow_all_scopes": true} => fails {"at": "/allow_all_scopes"};
    }
    a_grant_without_a_client_is_judged_as_that_of_another {
        {"/0/client_id": "(absent)"} => passes;
        {"": [{"id": "cgr_1", "audience": "https://acme.eu.auth0.com/api/v2/", "allow_all_scopes": true,
            "default_for": "third_party_clients"}]} => fails {"count": 2};
    }
}
