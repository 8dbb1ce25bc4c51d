//! CON-01: passwords may be short or simple.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::{in_use, unknown};
use crate::readings::{Assumed, Certainty, ConnectionOptions, Connections, Field, PasswordPolicy};

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
    version: 2,
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
    const NEWER_LENGTH: &str = "/options/password_options/complexity/min_length";
    let shortest = terms.value_of(&MIN_LENGTH);
    each::<Connections>(tenant, super::is_database, |connection| {
        let options = super::options(connection)?;
        let severity = in_use::graded(connection, CHECK.severity);
        if !options.password_options.is_absent() {
            // Length is all that the newer options have of it.
            let complexity = options.password_options.known()?.complexity.known()?;
            if complexity.min_length.known()?.0 >= shortest {
                return Ok(Verdict::Pass);
            }
            let expected = Expected::AtLeast(shortest);
            return connection.wrong(severity, NEWER_LENGTH, &expected).into_failure();
        }
        let strong = [PasswordPolicy::Good, PasswordPolicy::Excellent];
        let policy = options.password_policy.known();
        let is_weak = policy.map(|policy| !strong.contains(policy));
        let (length, length_shown) = length(options, policy);
        let is_short = length.map(|length| length < shortest);
        if !unknown::any([is_weak, is_short])? {
            return Ok(Verdict::Pass);
        }
        let mut shown = Vec::new();
        if is_weak == Ok(true) {
            shown.push(connection.shows(POLICY, &Expected::OneOf(&["good", "excellent"])));
        }
        if is_short == Ok(true) {
            let expected = Expected::AtLeast(shortest);
            shown.push(connection.shows(LENGTH, &expected).assuming(length_shown));
        }
        Violation::from_evidence(severity, shown).into_failure()
    })
}

/// The shortest password, and what it rests on: where no length is set the policy has one.
fn length(
    options: &ConnectionOptions,
    policy: Result<&PasswordPolicy, Inconclusive>,
) -> (Result<u64, Inconclusive>, Option<Assumed>) {
    let complexity = options.password_complexity_options.known();
    match complexity.map(|complexity| &complexity.min_length) {
        Ok(length) if !length.is_absent() => (length.known().map(|length| length.0), None),
        Ok(_) => {
            let certainty = match options.password_policy {
                Field::Assumed(_, certainty) => certainty,
                _ => Certainty::Certain,
            };
            let length = policy.map(|policy| policy.min_length());
            let assumed = |length: &u64| Assumed { value: json!(length), certainty };
            (length, length.as_ref().ok().map(assumed))
        }
        Err(unjudged) => (Err(unjudged), None),
    }
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
        {"/0/strategy": "(absent)"}, "superb" => unknown;
        {"/0/options/passwordPolicy": "superb", "/0/options/password_complexity_options/min_length": 8}
            => fails {"count": 1};
    }
    a_length_that_is_left_out_is_that_of_the_policy {
        {"/0/options/password_complexity_options": "(absent)"} => fails {"found": null, "expected": {"at_least": 12},
            "evidence/0/assumed": 8, "confidence": null};
        {"/0/options/passwordPolicy": "excellent", "/0/options/password_complexity_options/min_length": "(absent)"}
            => fails {"evidence/0/assumed": 10};
    }
    a_policy_that_is_left_out_is_likely_none {
        "(absent)" => fails {"found": null, "evidence/0/assumed": "none", "confidence": "medium"};
        {"/0/options/passwordPolicy": "(absent)", "/0/options/password_complexity_options": "(absent)"}
            => fails {"count": 2, "evidence/1/assumed": 1, "confidence": "medium"};
    }
    of_a_connection_that_nobody_logs_in_through_it_is_worth_knowing_no_more {
        {"/0/options/passwordPolicy": "none", "/0/enabled_clients": []},
        {"/0/options/passwordPolicy": "none", "/0/enabled_clients": ["our-client"]} => fails {"severity": "info"};
        {"/0/options/passwordPolicy": "none", "/0/enabled_clients": ["our-client", "app1"]},
        {"/0/options/passwordPolicy": "none", "/0/enabled_clients": ["of-nobody"]},
        {"/0/options/passwordPolicy": "none", "/0/enabled_clients": ["our-client"], "clients": "(absent)"},
        {"/0/options/passwordPolicy": "none", "/0/enabled_clients": "(absent)"} => fails {"severity": "high"};
    }
    newer_options_go_before_the_older_ones {
        {"/0/options/password_options": {"complexity": {"min_length": 15}}, "/0/options/passwordPolicy": "none"} => passes;
        {"/0/options/password_options": {"complexity": {"min_length": 11}}}
            => fails {"at": "/options/password_options/complexity/min_length", "found": 11};
        {"/0/options/password_options": {}} => unknown;
    }
}
