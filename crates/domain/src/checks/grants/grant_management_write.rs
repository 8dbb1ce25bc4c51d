//! GRA-01: another application can change the tenant. Worst if it is any third-party application.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-management-write",
    version: 3,
    title: "An application is granted write scopes of the Management API",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of its credential can change users, applications or the \
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
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        let is_default = super::is_for_all_third_parties(grant.item);
        let severity = if is_default { Severity::Critical } else { CHECK.severity };
        super::judge_scopes(grant, severity, |scope| !scope.starts_with("read:"))
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/scope";
    the_scopes_that_write_are_named_and_reading_passes {
        ["update:users", "read:users", "delete:clients"]
            => fails {"at": "/scope", "found": ["delete:clients", "update:users"], "expected": []};
        ["read:users", "read:clients"], [] => passes;
    }
    what_is_missing_or_new_is_unknown {
        "read:users", {"/0/audience": "(absent)"}, {"/0/client_id": 1} => unknown;
    }
    all_scopes_are_write_scopes_whatever_is_listed {
        {"/0/scope": [], "/0/allow_all_scopes": true}, {"/0/scope": ["read:users"], "/0/allow_all_scopes": true}
            => fails {"at": "/allow_all_scopes", "found": true, "expected": false};
        {"/0/scope": [], "/0/allow_all_scopes": "a new value"} => unknown;
        {"/0/scope": ["update:users"], "/0/allow_all_scopes": "a new value"} => fails {"count": 1};
    }
    a_grant_without_a_client_is_for_all_third_party_clients_and_critical {
        {"": [{"id": "cgr_1", "audience": "https://acme.eu.auth0.com/api/v2/", "scope": ["update:users"],
            "default_for": "third_party_clients"}]}
            => fails {"severity": "critical", "found": [["update:users"], "third_party_clients"]};
        {"": [{"id": "cgr_1", "audience": "https://acme.eu.auth0.com/api/v2/", "scope": ["read:users"],
            "default_for": "third_party_clients"}]} => passes;
    }
}
