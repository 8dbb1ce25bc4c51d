//! MFA-01: no policy requires a second factor. A Rule or an Action may require it: whether an Action may is a tenant
//! setting, and which ones exist is in optional readings.

use super::{ALWAYS, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{MfaPolicies, TenantSettings};

pub const CHECK: Check = Check {
    id: "mfa-never-required",
    version: 3,
    title: "MFA is never required",
    severity: Severity::High,
    confidence: Confidence::Medium,
    risk: "Unless code of the tenant's own asks for more, a password is all it takes: anyone who \
           guesses, buys or phishes one is in.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Enable at least one factor that resists phishing, such as WebAuthn.",
        "Under Define policies, choose Always.",
        "If a Rule or a post-login Action already demands MFA, accept this finding as compensated.",
        "Save.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    if !tenant.read::<MfaPolicies>()?.0.is_empty()? {
        return Ok(Verdict::Pass);
    }
    let context = super::custom_code_evidence(tenant);
    let by_settings = by_settings(tenant);
    // Code that may ask for it is named so, or the tenant lets a post-login Action do it.
    let severity =
        if super::is_delegated(tenant) == Ok(true) { Severity::Medium } else { CHECK.severity };
    let confidence = if context.is_empty() {
        by_settings
    } else {
        Some(by_settings.unwrap_or(CHECK.confidence).lowered())
    };
    Violation::at(tenant, severity, KIND, "", &ALWAYS)
        .with_confidence(confidence)
        .beside(context)
        .fixed_by(super::require_always(tenant))
        .into_failure()
}

/// If the setting is missing, the check's own confidence applies.
fn by_settings(tenant: &Tenant) -> Option<Confidence> {
    let settings = tenant.find::<TenantSettings>()?;
    let by_action = *settings.customize_mfa_in_postlogin_action.ok()?;
    Some(if by_action { Confidence::Low } else { Confidence::High })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    no_policy_fails_and_the_fix_is_a_bare_array {
        [] => fails {"at": "", "found": [], "expected": {"contains": ["all-applications"]},
            "fix": ["all-applications"], "undo": []};
        ["all-applications"], ["confidence-score"], ["a-new-policy", "confidence-score"] => passes;
        ["a-new-policy"], {"": {"policies": []}} => unknown;
    }
    the_settings_of_the_tenant_say_how_sure_it_is {
        {"": [], "actions_actions": "(absent)", "tenants_settings": {"customize_mfa_in_postlogin_action": true}}
            => fails {"confidence": "low"};
        {"": [], "actions_actions": "(absent)", "tenants_settings": {"customize_mfa_in_postlogin_action": false}}
            => fails {"confidence": "high"};
        {"": [], "actions_actions": "(absent)", "tenants_settings": {"customize_mfa_in_postlogin_action": null,
            "friendly_name": "Acme"}} => fails {"confidence": "high"};
        {"": [], "actions_actions": "(absent)", "tenants_settings": {"customize_mfa_in_postlogin_action": "new"}},
        {"": [], "actions_actions": "(absent)", "tenants_settings": {}}, {"": [], "tenants_settings": []},
        {"": [], "tenants_settings": "(absent)"} => fails {"confidence": null};
    }
    code_that_runs_at_login_makes_it_less_sure_and_is_named {
        {"": [], "rules": [{"id": "a", "name": "Ask for MFA", "enabled": true},
            {"id": "b", "name": "Old", "enabled": false}]}
            => fails {"confidence": "medium", "count": 2, "evidence/1": {"reading": "rules", "pointer": "",
                "found": ["Ask for MFA"], "expected": null, "may_compensate": true}};
        {"": [], "actions_actions": [{"id": "a", "name": "Ask", "all_changes_deployed": true,
            "supported_triggers": [{"id": "post-login", "version": "v3"}]}]}
            => fails {"confidence": "medium", "found/1": ["Ask"]};
        {"": [], "actions_actions": [{"id": "a", "name": "Ask", "all_changes_deployed": false,
            "supported_triggers": [{"id": "post-login", "version": "v3"}],
            "deployed_version": {"id": "v1", "number": 1}}]} => fails {"confidence": "medium"};
        {"": [], "actions_actions": [
            {"id": "a", "name": "a", "all_changes_deployed": false,
                "supported_triggers": [{"id": "post-login", "version": "v3"}]},
            {"id": "b", "name": "b", "all_changes_deployed": true,
                "supported_triggers": [{"id": "credentials-exchange", "version": "v3"}]},
        ]} => fails {"confidence": "high", "count": 1};
    }
    code_that_is_there_to_ask_for_it_makes_it_less_severe {
        {"": [], "rules": [{"id": "a", "name": "Ask for MFA", "enabled": true}]} => fails {"severity": "medium"};
        {"": [], "rules": [{"id": "a", "name": "Limit e-mail domains", "enabled": true}]}
            => fails {"severity": "high", "confidence": "medium"};
        {"": [], "tenants_settings/customize_mfa_in_postlogin_action": true, "actions_actions": []}
            => fails {"severity": "high", "confidence": "low"};
        {"": [], "tenants_settings/customize_mfa_in_postlogin_action": true, "actions_actions": [{"id": "a",
            "name": "Enrich", "all_changes_deployed": true, "supported_triggers": [{"id": "post-login"}]}]}
            => fails {"severity": "medium", "confidence": "low"};
    }
    where_rules_are_retired_there_are_none {
        {"": [], "rules": "(not offered)"} => fails {"confidence": "high", "count": 1};
    }
}
