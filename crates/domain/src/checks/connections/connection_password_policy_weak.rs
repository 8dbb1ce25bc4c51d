//! CON-01: passwords may be short or simple.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown_propagation;
use crate::readings::{Connections, PasswordPolicy};

const MIN_LENGTH: Threshold = Threshold {
    check: "connection-password-policy-weak",
    name: "min_length",
    title: "Fails when a password may be shorter than",
    unit: "characters",
    default: 12,
    min: 1,
    max: 128,
    not_above: None,
    source: "Specification, CON-01.",
};

pub const CHECK: Check = Check {
    id: "connection-password-policy-weak",
    version: 1,
    title: "A database connection takes weak passwords",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Short or simple passwords are guessed within the attempts that the protections leave \
           open.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Authentication Methods > Password > Password Strength, choose Good or Excellent.",
        "Set the minimum length to 12 or more, or to what your policy asks for.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::PASSWORDS],
    thresholds: &[&MIN_LENGTH],
    evaluate: Condition::EachWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgements {
    const POLICY: &str = "/options/passwordPolicy";
    const LENGTH: &str = "/options/password_complexity_options/min_length";
    let shortest = terms.value_of(&MIN_LENGTH);
    each::<Connections>(tenant, super::is_database, |connection| {
        let options = super::options(connection)?;
        let strong = [PasswordPolicy::Good, PasswordPolicy::Excellent];
        let is_weak = options.password_policy.known().map(|policy| !strong.contains(policy));
        let complexity = options.password_complexity_options.known();
        let length = complexity.and_then(|complexity| complexity.min_length.known());
        let is_short = length.map(|length| length.0 < shortest);
        if !unknown_propagation::any([is_weak, is_short])? {
            return Ok(Verdict::Pass);
        }
        let mut shown = Vec::new();
        if is_weak == Ok(true) {
            shown.push(connection.shows(POLICY, &Expected::OneOf(&["good", "excellent"])));
        }
        if is_short == Ok(true) {
            shown.push(connection.shows(LENGTH, &Expected::AtLeast(shortest)));
        }
        Violation::from_evidence(CHECK.severity, shown).into_failure()
    })
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/0/options/passwordPolicy";
    a_weak_policy_or_a_short_password_fails {
        "none" => fails {"found": "none"};
        "low" => fails {"found": "low"};
        "fair" => fails {"found": "fair"};
        {"/0/options/password_complexity_options/min_length": 11} => fails {"expected": {"at_least": 12}};
        {"/0/options/passwordPolicy": "none", "/0/options/password_complexity_options/min_length": 6}
            => fails {"count": 2, "fix": null};
        {"/0/options/passwordPolicy": "excellent", "/0/options/password_complexity_options/min_length": 12} => passes;
    }
    what_is_missing_or_new_is_unknown_unless_the_other_decides {
        {"/0/options/password_complexity_options/min_length": "(absent)"}, {"/0/strategy": "(absent)"} => unknown;
        {"/0/options/passwordPolicy": "superb", "/0/options/password_complexity_options/min_length": 8}
            => fails {"count": 1};
    }
}
