//! MFA-01: no policy demands a second factor. An Action may demand it, which our scopes cannot see;
//! whether one is allowed to is in the tenant's settings, where those are read.

use super::{ALWAYS, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{MfaPolicies, TenantSettings};

pub const CHECK: Check = Check {
    id: "mfa-never-required",
    version: 1,
    title: "MFA is never required",
    severity: Severity::High,
    confidence: Confidence::Medium,
    risk: "A password is all it takes: whoever guesses, buys or phishes one is in.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Enable at least one factor that resists phishing, such as WebAuthn.",
        "Under Define policies, choose Always.",
        "If a post-login Action already demands MFA, accept this finding as compensated.",
        "Save.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    if !tenant.read::<MfaPolicies>()?.0.is_empty()? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, "", &ALWAYS)
        .as_sure_as(confidence(tenant))
        .mended_by(super::require_always(tenant))
        .fails()
}

/// Where the setting is unread or was never set, the check's own stands.
fn confidence(tenant: &Tenant) -> Option<Confidence> {
    let settings = tenant.find::<TenantSettings>()?;
    let by_action = *settings.customize_mfa_in_postlogin_action.ok()?;
    Some(if by_action { Confidence::Low } else { Confidence::High })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judge, reading, readings, unknown, violation,
    };

    fn with(policies: serde_json::Value) -> Judgement {
        judge(&CHECK, reading(KIND, policies))
    }

    #[test]
    fn no_policy_fails_and_the_mend_is_a_bare_array() {
        let judged = with(json!([]));
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!((pointer.as_str(), found), ("", json!([])));
        assert_eq!(expected, json!({"contains": ["all-applications"]}));
        assert_eq!(change(judged), (json!(["all-applications"]), json!([])));
    }

    #[test]
    fn the_settings_of_the_tenant_say_how_sure_it_is() {
        let beside = |settings| {
            let settings = (ReadingKind::TenantSettings, settings);
            violation(judge(&CHECK, readings(&[(KIND, json!([])), settings]))).confidence
        };
        let by_action =
            |value: serde_json::Value| json!({"customize_mfa_in_postlogin_action": value});
        assert_eq!(beside(by_action(json!(true))), Some(Confidence::Low));
        assert_eq!(beside(by_action(json!(false))), Some(Confidence::High));
        for unset in [json!({}), by_action(json!(null)), by_action(json!("new")), json!([])] {
            assert_eq!(beside(unset), None);
        }
        assert_eq!(violation(with(json!([]))).confidence, None);
    }

    #[test]
    fn any_policy_we_know_passes() {
        assert_eq!(with(json!(["all-applications"])), PASS);
        assert_eq!(with(json!(["confidence-score"])), PASS);
        assert_eq!(with(json!(["a-new-policy", "confidence-score"])), PASS);
    }

    #[test]
    fn a_new_policy_or_another_shape_is_unknown() {
        assert_eq!(with(json!(["a-new-policy"])), unknown());
        assert_eq!(with(json!({"policies": []})), unknown());
    }
}
