//! Another application can read secrets of the tenant: of its applications, or the tokens of users at their providers.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::ClientGrants;

pub const CHECK: Check = Check {
    id: "grant-reads-secrets",
    version: 1,
    title: "An application is granted scopes that read secrets",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of its credential has those of other applications, or can act for users \
           at their identity providers.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask the owner of the application what it reads.",
        "On the API of the Management API, under Machine to Machine Applications, remove the listed scopes.",
        "Update, then rotate what may have been read.",
    ])
    .without_call(),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

/// What they open: client secrets and keys, and `identities[].access_token` of users (Auth0's Management API document).
const SECRETS: [&str; 3] = ["read:client_keys", "read:client_credentials", "read:user_idp_tokens"];

fn evaluate(tenant: &Tenant) -> Judgements {
    each::<ClientGrants>(tenant, super::is_of_another, |grant| {
        super::judge_scopes(grant, CHECK.severity, |scope| SECRETS.contains(&scope))
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/scope";
    each_scope_that_reads_secrets_is_named {
        ["read:users", "read:client_keys"] => fails {"found": ["read:client_keys"], "expected": [], "fix": null};
        ["read:client_credentials"], ["read:user_idp_tokens"] => fails {"count": 1};
        {"/0/allow_all_scopes": true, "/0/scope": "(absent)"} => fails {"at": "/allow_all_scopes"};
        ["read:users", "read:clients"], [] => passes;
        "new" => unknown;
    }
}
