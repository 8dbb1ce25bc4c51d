//! LPR-01: this service's own client can change the tenant.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

/// Each of these lets a client grant itself all other scopes; Auth0 warns about them.
pub const ESCALATING: [&str; 2] = ["create:client_grants", "update:client_grants"];

pub const CHECK: Check = Check {
    id: "integration-client-can-write",
    version: 1,
    title: "The client of this integration can write",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of the credential that is kept here can change the tenant; this \
           service never does and needs no such scope.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Open the application of this integration.",
        "Keep read:attack_protection, read:mfa_policies, read:stats and the optional read \
         scopes that you want checked; remove the listed ones.",
        "Update, then test the connection.",
    ]),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let granted = super::granted(tenant)?;
    let writing: Vec<&str> = granted.iter().filter(|scope| !scope.starts_with("read:")).collect();
    if writing.is_empty() {
        return Ok(Verdict::Pass);
    }
    let escalates = ESCALATING.iter().any(|scope| granted.contains(scope));
    let severity = if escalates { Severity::Critical } else { CHECK.severity };
    super::offending(severity, &writing).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/scope";
    any_scope_that_does_not_read_fails_and_is_named_in_order {
        "update:users read:stats delete:clients" => fails {"at": "/scope", "expected": [], "severity": "high",
            "found": ["delete:clients", "update:users"], "fix": null};
        "read:attack_protection read:mfa_policies read:stats read:users", "" => passes;
    }
    a_client_that_can_grant_itself_more_is_critical {
        "update:client_grants", "create:client_grants" => fails {"severity": "critical"};
        "delete:client_grants" => fails {"severity": "high"};
    }
}
