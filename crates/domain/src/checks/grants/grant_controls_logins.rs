//! Another application can change the code that runs in each login, or where users and keys come from; or rewrite
//! applications and read their secrets. Each amounts to logging in as anyone.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-controls-logins",
    version: 1,
    title: "An application is granted control over logins",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of its credential can log in as any user: by code in the login, a \
           connection of their own, a signing key, or an application that they rewrite.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask the owner of the application what it changes, and let a pipeline do it with a credential of its own.",
        "On the API of the Management API, under Machine to Machine Applications, remove the listed scopes.",
        "Update, then review what the application changed, in the tenant log.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

/// Code in logins, sources of users, keys that sign tokens.
const CONTROLLING: [&str; 12] = [
    "create:rules",
    "update:rules",
    "create:hooks",
    "update:hooks",
    "create:actions",
    "update:actions",
    "create:connections",
    "update:connections",
    "create:signing_keys",
    "update:signing_keys",
    "create:custom_signing_keys",
    "update:custom_signing_keys",
];
/// Together: an application of others can be pointed elsewhere, and used with its secret.
const TOGETHER: [&str; 2] = ["update:clients", "read:client_keys"];

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        let listed = grant.item.scope.ok();
        let has_both = listed.is_some_and(|of| TOGETHER.iter().all(|scope| of.contains(scope)));
        super::judge_scopes(grant, CHECK.severity, |scope| {
            CONTROLLING.contains(&scope) || (has_both && TOGETHER.contains(&scope))
        })
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/scope";
    scopes_on_code_sources_and_keys_fail {
        ["create:rules", "read:rules", "update:rules"] => fails {"severity": "critical",
            "found": ["create:rules", "update:rules"], "fix": null};
        ["update:actions"], ["create:connections"], ["update:signing_keys"], ["create:hooks"] => fails {"count": 1};
        {"/0/allow_all_scopes": true, "/0/scope": "(absent)"} => fails {"at": "/allow_all_scopes"};
    }
    rewriting_applications_fails_only_with_their_secrets {
        ["read:client_keys", "update:clients"] => fails {"found": ["read:client_keys", "update:clients"]};
        ["update:clients"], ["read:client_keys"] => passes;
    }
    other_scopes_pass {
        ["update:users", "delete:rules"], [] => passes;
        "new" => unknown;
    }
}
