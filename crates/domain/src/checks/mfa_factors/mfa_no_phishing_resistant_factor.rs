//! FAC-03: no factor is resistant to phishing.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::GuardianFactors;

pub const CHECK: Check = Check {
    id: "mfa-no-phishing-resistant-factor",
    version: 3,
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
crate::checks::testing::verdicts! { CHECK with super::super::only_on;
    factors_that_can_be_phished_fail_beside_none_that_cannot {
        (only_on(&["otp"])), (only_on(&["otp", "push-notification", "duo", "sms"])) => fails {"is_fixable": true};
        (only_on(&["webauthn-roaming"])), (only_on(&["webauthn-platform"])), (only_on(&["passkey"])) => passes;
    }
    a_new_value_that_would_decide_is_unknown {
        {"/2/enabled": "a new value", "/3/enabled": false}, {"/2/name": "a-new-factor", "/3/enabled": false} => unknown;
    }
}
