//! FAC-05: users who lose their device cannot recover access themselves.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Factor, GuardianFactors};

/// Both live on a device that can be lost.
const ON_A_DEVICE: [Factor; 2] = [Factor::Otp, Factor::PushNotification];

pub const CHECK: Check = Check {
    id: "mfa-recovery-code-off",
    version: 3,
    title: "Recovery codes are off while one-time passwords or push are on",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Anyone who loses the device needs the help desk to reset MFA, and persuading a help \
           desk is a common way round it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["mfa-no-factor-enabled"],
    remediation: &super::enable_recovery_code(&[
        "Enable Recovery Code.",
        "Tell users to keep the code that they are shown when they enrol.",
    ])
    .with_side_effects(SideEffects::on_users("Users get a recovery code when they enrol.")),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let factors = tenant.read::<GuardianFactors>()?;
    let code_on = super::is_any_on(factors, &[Factor::RecoveryCode], true);
    if !unknown::all([super::is_any_on(factors, &ON_A_DEVICE, false), code_on.map(|on| !on)])? {
        return Ok(Verdict::Pass);
    }
    super::enabled(tenant, CHECK.severity, &["recovery-code"])
        .fixed_by(super::turn_on())
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK with super::super::only_on;
    a_factor_on_a_device_without_the_code_fails {
        (only_on(&["otp"])), (only_on(&["push-notification"])) => fails {"is_fixable": true};
        (only_on(&["otp", "recovery-code"])), (only_on(&["webauthn-roaming"])), (only_on(&["sms"])) => passes;
        {"/4/name": "a-new-factor"} => unknown;
    }
}
