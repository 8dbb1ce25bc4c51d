//! FAC-01: users cannot enrol any second factor.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{GuardianFactors, MfaPolicies};

pub const CHECK: Check = Check {
    id: "mfa-no-factor-enabled",
    version: 3,
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
crate::checks::testing::verdicts! { CHECK with super::super::only_on;
    nothing_enabled_fails_and_one_factor_passes {
        (only_on(&[])) => fails {"found": [], "fix": {"enabled": true}, "undo": {"enabled": false}};
        {"/0/enabled": true} => passes;
    }
    a_policy_that_demands_one_makes_it_critical {
        {"": (only_on(&[])), "mfa_policies": ["all-applications"]} => fails {"severity": "critical"};
        {"": (only_on(&[])), "mfa_policies": []} => fails {"severity": "high"};
        {"": (only_on(&[])), "mfa_policies": ["a-new-policy"]} => fails {"severity": "high"};
    }
    a_factor_that_is_not_listed_is_not_offered {
        [{"name": "sms", "enabled": false}, {"name": "otp", "enabled": false}], [] => fails;
        [{"name": "sms", "enabled": false}, {"name": "otp", "enabled": true}], [{"name": "passkey", "enabled": true}]
            => passes;
    }
    beside_a_factor_that_we_do_not_know_only_what_is_listed_is_off {
        [{"name": "sms", "enabled": false}, {"name": "a-new-factor", "enabled": false}], [{"name": "sms"}] => unknown;
        [{"name": "sms", "enabled": true}, {"name": "a-new-factor", "enabled": true}] => passes;
    }
}
