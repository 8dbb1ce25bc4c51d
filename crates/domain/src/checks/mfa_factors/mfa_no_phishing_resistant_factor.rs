//! FAC-03: no factor is bound to the site that asks for it.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::GuardianFactors;

pub const CHECK: Check = Check {
    id: "mfa-no-phishing-resistant-factor",
    version: 2,
    title: "No phishing-resistant MFA factor is enabled",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A page that stands between user and login gets the second factor as easily as the \
           password; only WebAuthn and passkeys are bound to the true site.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["mfa-no-factor-enabled"],
    remediation: &super::enable_webauthn(&[
        "Enable WebAuthn with FIDO Security Keys.",
        "Enable WebAuthn with device biometrics beside it.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    if super::is_any_on(tenant.read::<GuardianFactors>()?, &super::PHISHING_RESISTANT, true)? {
        return Ok(Verdict::Pass);
    }
    super::enabled(tenant, CHECK.severity, &super::RESISTS_PHISHING)
        .fixed_by(super::turn_on())
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, on_sample, unknown, violation};

    /// All off but these.
    fn only(on: &[&str]) -> Judgement {
        evaluate(&super::super::only_on(on))
    }

    #[test]
    fn fails_on_what_it_is_about_and_on_nothing_else() {
        assert!(violation(only(&["otp"])).change.is_some());
        assert!(violation(only(&["otp", "push-notification", "duo", "sms"])).change.is_some());
        assert_eq!(only(&["webauthn-roaming"]), PASS);
        assert_eq!(only(&["webauthn-platform"]), PASS);
        assert_eq!(only(&["passkey"]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        let changes = [("/2/enabled", json!("a new value")), ("/3/enabled", json!(false))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
        let changes = [("/2/name", json!("a-new-factor")), ("/3/enabled", json!(false))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
    }
}
