//! FAC-02: what can be enrolled goes by phone message or e-mail, which others can read.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::GuardianFactors;

pub const CHECK: Check = Check {
    id: "mfa-only-phishable-factors",
    version: 2,
    title: "Only SMS and e-mail are enabled as MFA factors",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "A code that is sent can be phished, taken over with the phone number, or read with \
           the mailbox that resets the password too.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["mfa-no-factor-enabled"],
    remediation: &super::enable_webauthn(&[
        "Enable WebAuthn with FIDO Security Keys, or at least a one-time password.",
        "Tell users to enrol it, then disable SMS and e-mail.",
    ]),
    controls: &[&sets::MFA, &sets::MESSAGE_FACTORS],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let factors = tenant.read::<GuardianFactors>()?;
    let others_on = super::is_any_on(factors, &super::BY_OTHER_THAN_MESSAGE, true);
    if !three_valued::all([
        super::is_any_on(factors, &super::BY_MESSAGE, false),
        others_on.map(|on| !on),
    ])? {
        return Ok(Verdict::Pass);
    }
    super::enabled(tenant, CHECK.severity, &super::RESISTS_PHISHING)
        .fixed_by(super::turn_on())
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, on_sample, on_sample_without, unknown, violation};

    /// All off but these.
    fn only(on: &[&str]) -> Judgement {
        evaluate(&super::super::only_on(on))
    }

    #[test]
    fn fails_on_what_it_is_about_and_on_nothing_else() {
        assert!(violation(only(&["sms"])).change.is_some());
        assert!(violation(only(&["email"])).change.is_some());
        assert!(violation(only(&["sms", "email"])).change.is_some());
        assert!(violation(only(&["sms", "recovery-code"])).change.is_some());
        assert_eq!(only(&["sms", "otp"]), PASS);
        assert_eq!(only(&["sms", "passkey"]), PASS);
        assert_eq!(only(&["otp"]), PASS);
        assert_eq!(only(&["recovery-code"]), PASS);
        assert_eq!(only(&[] as &[&str]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        // With otp on it would pass; without, it cannot be said.
        assert_eq!(on_sample_without(&CHECK, KIND, "/5/enabled"), PASS);
        let off = |index: usize| format!("/{index}/enabled");
        let [push, otp, roaming, platform] = [0, 1, 2, 3].map(off);
        let mut changes: Vec<_> =
            [&push, &roaming, &platform].map(|p| (p.as_str(), json!(false))).into();
        changes.extend([("/5/enabled", json!(true)), (otp.as_str(), json!("a new value"))]);
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
    }
}
