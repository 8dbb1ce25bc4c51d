//! FAC-04: an enabled factor works only together with another one, and none of those is enabled.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::GuardianFactors;

pub const CHECK: Check = Check {
    id: "mfa-dependent-factor-alone",
    version: 3,
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
    if !unknown::all([
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
crate::checks::testing::verdicts! { CHECK with super::super::only_on;
    a_factor_that_depends_on_another_fails_alone {
        (only_on(&["email"])), (only_on(&["recovery-code"])), (only_on(&["webauthn-platform", "email"]))
            => fails {"is_fixable": true};
        (only_on(&["webauthn-platform", "otp"])), (only_on(&["sms"])), (only_on(&["email", "duo"])),
        (only_on(&["email", "passkey"])) => passes;
    }
    a_new_value_that_would_decide_is_unknown {
        {"/0/enabled": false, "/1/enabled": "a new value", "/2/enabled": false} => unknown;
    }
}
