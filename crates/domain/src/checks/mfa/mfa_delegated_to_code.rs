//! Code of the tenant's is there to ask for a second factor, instead of a policy: whether it does, and of whom, is to be
//! read in the code.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::MfaPolicies;

pub const CHECK: Check = Check {
    id: "mfa-delegated-to-code",
    version: 1,
    title: "MFA is left to Rules or Actions",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    risk: "Whom the code asks for a second factor, and whether it still does after the next change, \
           nobody sees in the settings.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::Rules, ReadingKind::Actions, ReadingKind::TenantSettings],
    parents: &[],
    remediation: &super::remediation(&[
        "Find out, in the listed code, which logins it asks for a second factor, and which not.",
        "Under Define policies, choose Always, or keep the code and test it with each change.",
    ])
    .without_call(),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    // Without one of them code may be missed.
    for kind in [ReadingKind::Rules, ReadingKind::Actions, ReadingKind::TenantSettings] {
        if !unknown::is_not_offered(tenant, kind) {
            unknown::all_read(tenant, &[kind])?;
        }
    }
    let is_policy = tenant.read::<MfaPolicies>()?.0.is_empty().map(|none| !none);
    if unknown::any([is_policy, super::is_delegated(tenant).map(|is| !is)])? {
        return Ok(Verdict::Pass);
    }
    let mut shown = super::custom_code_evidence(tenant);
    for code in &mut shown {
        (code.may_compensate, code.expected) = (false, json!([]));
    }
    Violation::from_evidence(CHECK.severity, shown).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    code_that_asks_for_it_instead_of_a_policy_is_named {
        {"": [], "rules": [{"id": "a", "name": "Multifactor", "enabled": true}]} => fails {"severity": "info",
            "at": "", "found": ["Multifactor"], "expected": [], "evidence/0/reading": "rules", "fix": null};
    }
    a_policy_and_other_code_pass {
        [] => passes;
        {"": ["all-applications"], "rules": [{"id": "a", "name": "Multifactor", "enabled": true}]} => passes;
        {"": [], "rules": [{"id": "a", "name": "Limit domains", "enabled": true}]} => passes;
        {"": ["a-new-policy"], "rules": [{"id": "a", "name": "Multifactor", "enabled": true}]} => unknown;
        {"": [], "rules": [{"id": "a", "enabled": true}]}, {"": [], "actions_actions/0/all_changes_deployed": "new",
            "actions_actions/0/supported_triggers": [{"id": "post-login"}],
            "actions_actions/0/name": "2FA"} => unknown;
        {"": [], "rules": "(not offered)"} => passes;
    }
}
