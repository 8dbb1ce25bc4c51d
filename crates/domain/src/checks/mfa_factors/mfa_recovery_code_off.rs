//! FAC-05: users who lose their phone have no way back of their own.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{Factor, GuardianFactors};

/// Both live on a device that can be lost.
const ON_A_DEVICE: [Factor; 2] = [Factor::Otp, Factor::PushNotification];

pub const CHECK: Check = Check {
    id: "mfa-recovery-code-off",
    version: 2,
    title: "Recovery codes are off while one-time passwords or push are on",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Whoever loses the device needs the help desk to reset MFA, and persuading a help \
           desk is a common way round it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["mfa-no-factor-enabled"],
    remediation: &super::enable_recovery_code(&[
        "Enable Recovery Code.",
        "Tell users to keep the code that they are shown when they enrol.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let factors = tenant.read::<GuardianFactors>()?;
    let code_on = super::is_any_on(factors, &[Factor::RecoveryCode], true);
    if !three_valued::all([super::is_any_on(factors, &ON_A_DEVICE, false), code_on.map(|on| !on)])?
    {
        return Ok(Verdict::Pass);
    }
    super::enabled(tenant, CHECK.severity, &["recovery-code"])
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
        assert!(violation(only(&["otp"])).change.is_some());
        assert!(violation(only(&["push-notification"])).change.is_some());
        assert_eq!(only(&["otp", "recovery-code"]), PASS);
        assert_eq!(only(&["webauthn-roaming"]), PASS);
        assert_eq!(only(&["sms"]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/4/enabled"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/4/name", json!("a-new-factor"))]), unknown());
    }
}
