//! MFA-01: no policy demands a second factor. A Rule or an Action may demand it: whether an Action is
//! allowed to is in the tenant's settings, and which there are is in optional readings.

use super::{ALWAYS, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{MfaPolicies, TenantSettings};

pub const CHECK: Check = Check {
    id: "mfa-never-required",
    version: 2,
    title: "MFA is never required",
    severity: Severity::High,
    confidence: Confidence::Medium,
    risk: "Unless code of the tenant's own asks for more, a password is all it takes: whoever \
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
    let confidence = if context.is_empty() {
        by_settings
    } else {
        Some(by_settings.unwrap_or(CHECK.confidence).lowered())
    };
    Violation::at(tenant, CHECK.severity, KIND, "", &ALWAYS)
        .with_confidence(confidence)
        .beside(context)
        .fixed_by(super::require_always(tenant))
        .into_failure()
}

/// Where the setting is unread or was never set, the check's own confidence stands.
fn by_settings(tenant: &Tenant) -> Option<Confidence> {
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
    use crate::tenant::Outcome;

    fn with(policies: serde_json::Value) -> Judgement {
        judge(&CHECK, reading(KIND, policies))
    }

    #[test]
    fn no_policy_fails_and_the_fix_is_a_bare_array() {
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
    fn code_that_runs_at_login_makes_it_less_sure_and_is_named() {
        let beside =
            |kind, body| violation(judge(&CHECK, readings(&[(KIND, json!([])), (kind, body)])));
        let action = |name: &str, trigger: &str, deployed: bool| {
            json!({"id": name, "name": name, "all_changes_deployed": deployed,
                "supported_triggers": [{"id": trigger, "version": "v3"}]})
        };
        let judged = beside(
            ReadingKind::Rules,
            json!([{"id": "a", "name": "Ask for MFA", "enabled": true},
                {"id": "b", "name": "Old", "enabled": false}]),
        );
        assert_eq!(judged.confidence, Some(Confidence::Low));
        let shown = [Evidence::compensating(ReadingKind::Rules, json!(["Ask for MFA"]))];
        assert_eq!(judged.evidence[1..], shown);
        let asks = action("Ask", "post-login", true);
        let judged = beside(ReadingKind::Actions, json!([asks]));
        assert_eq!(judged.confidence, Some(Confidence::Low));
        assert_eq!(judged.evidence[1].found, json!(["Ask"]));
        let mut older = action("Ask", "post-login", false);
        older["deployed_version"] = json!({"id": "v1", "number": 1});
        assert_eq!(beside(ReadingKind::Actions, json!([older])).confidence, Some(Confidence::Low));
        let others = [action("a", "post-login", false), action("b", "credentials-exchange", true)];
        let judged = beside(ReadingKind::Actions, json!(others));
        assert_eq!((judged.confidence, judged.evidence.len()), (None, 1));
    }

    #[test]
    fn where_rules_are_retired_there_are_none() {
        let mut tenant = readings(&[(KIND, json!([]))]);
        let (reason, message) = (UnknownReason::NotSupported, String::new());
        tenant.insert(ReadingKind::Rules, Outcome::NotOffered { reason, message });
        let judged = violation(judge(&CHECK, tenant));
        assert_eq!((judged.confidence, judged.evidence.len()), (None, 1));
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
