//! FAC-01: there is nothing that users could enrol as a second factor.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{GuardianFactors, MfaPolicies};

pub const CHECK: Check = Check {
    id: "mfa-no-factor-enabled",
    version: 2,
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
    let is_demanded = tenant.read::<MfaPolicies>().and_then(|p| p.0.is_empty()).map(|none| !none);
    let severity_if = |yes| if yes { Severity::Critical } else { CHECK.severity };
    super::enabled(tenant, severity_if(is_demanded == Ok(true)), &super::RESISTS_PHISHING)
        .or_worse(severity_if(is_demanded != Ok(false)))
        .fixed_by(super::turn_on())
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, on_sample, readings, samples, severity, unknown, violation,
    };

    fn all_off() -> serde_json::Value {
        let mut body = samples::sample_body(KIND);
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
        for body in [lacking, new] {
            assert_eq!(evaluate(&readings(&[(KIND, body)])), unknown());
        }
    }

    fn list_of(factors: &[(&str, bool)]) -> Judgement {
        let factor = |(name, on): &(&str, bool)| json!({"name": name, "enabled": on});
        evaluate(&readings(&[(KIND, factors.iter().map(factor).collect())]))
    }

    #[test]
    fn a_factor_that_is_not_listed_is_not_offered() {
        violation(list_of(&[("sms", false), ("otp", false)]));
        violation(list_of(&[]));
        assert_eq!(list_of(&[("sms", false), ("otp", true)]), PASS);
        assert_eq!(list_of(&[("passkey", true)]), PASS);
    }

    #[test]
    fn beside_a_factor_that_we_do_not_know_only_what_is_listed_is_off() {
        let mut all_off: Vec<(&str, bool)> = [
            "push-notification",
            "sms",
            "email",
            "duo",
            "otp",
            "webauthn-roaming",
            "webauthn-platform",
            "recovery-code",
            "passkey",
        ]
        .map(|name| (name, false))
        .into();
        violation(list_of(&all_off));
        all_off.push(("a-new-factor", false));
        violation(list_of(&all_off));
        all_off[9].1 = true;
        assert_eq!(list_of(&all_off), unknown());
        assert_eq!(list_of(&[("sms", false), ("a-new-factor", false)]), unknown());
        assert_eq!(list_of(&[("sms", true), ("a-new-factor", true)]), PASS);
    }
}
