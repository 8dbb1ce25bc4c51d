//! FAC-01: there is nothing that users could enrol as a second factor.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{GuardianFactors, MfaPolicies};

pub const CHECK: Check = Check {
    id: "mfa-no-factor-enabled",
    version: 1,
    title: "No MFA factor is enabled",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Nobody can have more than a password, whatever the policy says; where the policy \
           demands a second factor, logins that need one cannot succeed as meant.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::enable_webauthn(&[
        "Enable WebAuthn with FIDO Security Keys, or at least a one-time password.",
        "Under Define policies, choose when it is demanded.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    if super::is_any_on(tenant.read::<GuardianFactors>()?, &super::ALL, true)? {
        return Ok(Verdict::Pass);
    }
    let is_demanded = tenant.find::<MfaPolicies>().is_some_and(|p| p.0.is_empty() == Ok(false));
    let severity = if is_demanded { Severity::Critical } else { CHECK.severity };
    super::enabled(tenant, severity, &super::RESISTS_PHISHING).mended_by(super::turn_on()).fails()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, on_sample, readings, samples, severity, unknown,
    };

    fn all_off() -> serde_json::Value {
        let mut body = samples::of(KIND);
        for factor in body.as_array_mut().unwrap() {
            factor["enabled"] = json!(false);
        }
        body
    }

    #[test]
    fn nothing_enabled_fails_and_one_factor_passes() {
        let judged = evaluate(&readings(&[(KIND, all_off())]));
        assert_eq!(evidence(judged.clone()).1, json!([]));
        assert_eq!(change(judged), (json!({"enabled": true}), json!({"enabled": false})));
        assert_eq!(on_sample(&CHECK, KIND, &[("/0/enabled", json!(true))]), PASS);
    }

    #[test]
    fn a_policy_that_demands_one_makes_it_critical() {
        let with =
            |policy| readings(&[(KIND, all_off()), (ReadingKind::MfaPolicies, json!(policy))]);
        assert_eq!(severity(evaluate(&with(vec!["all-applications"]))), Severity::Critical);
        assert_eq!(severity(evaluate(&with(vec![]))), Severity::High);
        assert_eq!(severity(evaluate(&with(vec!["a-new-policy"]))), Severity::High);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        let mut lacking = all_off();
        lacking[0].as_object_mut().unwrap().remove("enabled");
        let mut new = all_off();
        new[0]["name"] = json!("a-new-factor");
        for body in [lacking, new, json!([])] {
            assert_eq!(evaluate(&readings(&[(KIND, body)])), unknown());
        }
    }
}
