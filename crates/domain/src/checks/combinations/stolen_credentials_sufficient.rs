//! CMB-02: a breached password suffices to log in.

use super::RESOURCE;
use crate::checks::breached_password::login_not_blocked;
use crate::checks::in_use::no_one_has_a_password;
use crate::checks::mfa::{is_delegated, mfa_never_required};
use crate::checks::prelude::*;
use crate::checks::unknown;

const DETECTION: ReadingKind = ReadingKind::BreachedPasswordDetection;

pub const CHECK: Check = Check {
    id: "stolen-credentials-sufficient",
    version: 3,
    title: "Stolen credentials are sufficient to log in",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    risk: "Leaked passwords are not blocked and no policy asks for a second factor: unless code of \
           the tenant's own does, a list from any other site's breach opens accounts here, one \
           login each.",
    resource: RESOURCE,
    reads: &[DETECTION, ReadingKind::MfaPolicies],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Breached Password Detection on, with blocking.",
        "Under Security > Multi-factor Auth, enable a factor and choose Always.",
    ]),
    controls: &[&sets::BREACHED_PASSWORD, &sets::MFA],
    thresholds: &[],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
    let no_second_factor = unknown::part(&mfa_never_required::CHECK, tenant, terms);
    let judged = super::together(&CHECK, [login_not_blocked(tenant, terms), no_second_factor])?;
    let Verdict::Fail(mut violation) = judged else { return Ok(judged) };
    let severity = match is_delegated(tenant) {
        // There is no password to steal.
        _ if no_one_has_a_password(tenant) => Severity::Medium,
        // Code of the tenant's is there to ask for more.
        Ok(true) => Severity::High,
        Ok(false) | Err(_) => CHECK.severity,
    };
    (violation.severity, violation.at_worst) = (severity, severity);
    Ok(Verdict::Fail(violation))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    no_block_and_no_second_factor_fail_with_the_evidence_of_both {
        {"/enabled": false, "mfa_policies": []} => fails {"at": ["/enabled", ""],
            "evidence/0/reading": "breached_password_detection", "evidence/1/reading": "mfa_policies"};
        {"/shields": ["user_notification"], "mfa_policies": []} => fails {"severity": "critical"};
    }
    it_is_as_sure_as_that_no_second_factor_is_asked_for {
        {"/enabled": false, "mfa_policies": [], "tenants_settings": "(absent)", "actions_actions": "(absent)"}
            => fails {"confidence": null};
        {"/enabled": false, "mfa_policies": [], "actions_actions": [],
            "tenants_settings": {"customize_mfa_in_postlogin_action": false}} => fails {"confidence": "high"};
        {"/enabled": false, "mfa_policies": [], "tenants_settings": {"customize_mfa_in_postlogin_action": false},
            "rules": [{"id": "rul_1", "name": "Ask for MFA", "enabled": true}]} => fails {"confidence": null};
        {"/enabled": false, "mfa_policies": [], "tenants_settings": "(absent)",
            "rules": [{"id": "rul_1", "name": "Ask for MFA", "enabled": true}]} => fails {"confidence": "low",
            "evidence/2/reading": "rules", "evidence/2/may_compensate": true, "count": 3,
            "severity": "high"};
    }
    where_nobody_logs_in_by_a_password_there_is_none_to_steal {
        {"/enabled": false, "mfa_policies": [], "connections/0/enabled_clients": []} => fails {"severity": "medium"};
        {"/enabled": false, "mfa_policies": [], "connections": "(absent)"},
        {"/enabled": false, "mfa_policies": [], "connections": []},
        {"/enabled": false, "mfa_policies": [], "connections/0/enabled_clients": "(absent)"}
            => fails {"severity": "critical"};
    }
    either_of_them_passes {
        {"/shields": ["block"], "mfa_policies": []}, {"/enabled": false, "mfa_policies": ["confidence-score"]} => passes;
        {"/enabled": "partly", "mfa_policies": []}, {"/enabled": false, "mfa_policies": ["a-new-policy"]} => unknown;
    }
}
