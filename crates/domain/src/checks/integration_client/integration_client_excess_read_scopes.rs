//! LPR-02: this service's own client can read what no check needs.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::scopes::useful;

/// These give access to personal data or secrets (specification, LPR-02).
const SENSITIVE: [&str; 3] = ["read:client_keys", "read:user_idp_tokens", "read:users"];

pub const CHECK: Check = Check {
    id: "integration-client-excess-read-scopes",
    version: 1,
    title: "The client of this integration has unneeded read scopes",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Anyone who gets hold of the credential that is kept here can read that data too; no check \
           needs it.",
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
    let useful = useful();
    let reading = granted.iter().filter(|scope| scope.starts_with("read:"));
    let unneeded: Vec<&str> = reading.filter(|scope| !useful.contains(scope)).collect();
    if unneeded.is_empty() {
        return Ok(Verdict::Pass);
    }
    let is_sensitive = unneeded.iter().any(|scope| SENSITIVE.contains(scope));
    let severity = if is_sensitive { Severity::Medium } else { CHECK.severity };
    super::offending(severity, &unneeded).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/scope";
    a_read_scope_that_feeds_no_check_fails {
        "read:stats read:a_thing update:users read:a_fact"
            => fails {"found": ["read:a_fact", "read:a_thing"], "severity": "low"};
        (useful().into_iter().collect::<Vec<_>>().join(" ")) => passes;
    }
    scopes_on_people_and_secrets_are_medium {
        "read:users", "read:client_keys", "read:user_idp_tokens" => fails {"severity": "medium"};
    }
}
