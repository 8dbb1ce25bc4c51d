//! FAC-02: all factors use phone messages or e-mail, which others can intercept.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::GuardianFactors;

pub const CHECK: Check = Check {
    id: "mfa-only-phishable-factors",
    version: 3,
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
    if !unknown::all([
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
crate::checks::testing::verdicts! { CHECK with super::super::only_on;
    codes_by_phone_or_mail_alone_fail {
        (only_on(&["sms"])), (only_on(&["email"])), (only_on(&["sms", "email"])), (only_on(&["sms", "recovery-code"]))
            => fails {"is_fixable": true};
        (only_on(&["sms", "otp"])), (only_on(&["sms", "passkey"])), (only_on(&["otp"])), (only_on(&["recovery-code"])),
        (only_on(&[])), {"/5/enabled": "(absent)"} => passes;
    }
    a_new_value_that_would_decide_is_unknown {
        {"/0/enabled": false, "/1/enabled": "a new value", "/2/enabled": false, "/3/enabled": false,
            "/5/enabled": true} => unknown;
    }
}
