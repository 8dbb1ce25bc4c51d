//! FAC-04: a factor is enabled that Auth0 offers only beside another one, and none of those is.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::GuardianFactors;

pub const CHECK: Check = Check {
    id: "mfa-dependent-factor-alone",
    version: 2,
    title: "An MFA factor that depends on another one is enabled alone",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "E-mail, recovery codes and device biometrics can only be used by those who have \
           another factor, so in truth nobody has any.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["mfa-no-factor-enabled"],
    remediation: &super::enable_webauthn(&[
        "Enable WebAuthn with FIDO Security Keys, or at least a one-time password.",
        "Keep the dependent factor beside it.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let factors = tenant.read::<GuardianFactors>()?;
    let independent_on = super::is_any_on(factors, &super::INDEPENDENT, true);
    if !three_valued::all([
        super::is_any_on(factors, &super::DEPENDENT, false),
        independent_on.map(|on| !on),
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
    use crate::checks::testing::{PASS, on_sample, unknown, violation};

    /// All off but these.
    fn only(on: &[&str]) -> Judgement {
        evaluate(&super::super::only_on(on))
    }

    #[test]
    fn fails_on_what_it_is_about_and_on_nothing_else() {
        assert!(violation(only(&["email"])).change.is_some());
        assert!(violation(only(&["recovery-code"])).change.is_some());
        assert!(violation(only(&["webauthn-platform", "email"])).change.is_some());
        assert_eq!(only(&["webauthn-platform", "otp"]), PASS);
        assert_eq!(only(&["sms"]), PASS);
        assert_eq!(only(&["email", "duo"]), PASS);
        assert_eq!(only(&["email", "passkey"]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        let off = ["/0/enabled", "/2/enabled"].map(|pointer| (pointer, json!(false)));
        let changes = [off.to_vec(), vec![("/1/enabled", json!("a new value"))]].concat();
        assert_eq!(on_sample(&CHECK, KIND, &changes), unknown());
    }
}
