//! CON-01: passwords may be short or simple.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
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
        if !three_valued::any([is_weak, is_short])? {
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
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, evidence, on_sample, on_sample_without, unknown, violation,
    };

    const POLICY: &str = "/0/options/passwordPolicy";
    const LENGTH: &str = "/0/options/password_complexity_options/min_length";

    #[test]
    fn a_weak_policy_or_a_short_password_fails() {
        for policy in ["none", "low", "fair"] {
            let judged = on_sample(&CHECK, KIND, &[(POLICY, json!(policy))]);
            assert_eq!(evidence(judged).1, json!(policy));
        }
        let judged = on_sample(&CHECK, KIND, &[(LENGTH, json!(11))]);
        assert_eq!(evidence(judged).2, json!({"at_least": 12}));
        let both = [(POLICY, json!("none")), (LENGTH, json!(6))];
        let both = violation(on_sample(&CHECK, KIND, &both));
        assert_eq!((both.evidence.len(), both.change), (2, None));
    }

    #[test]
    fn a_strong_policy_with_long_passwords_passes() {
        let changes = [(POLICY, json!("excellent")), (LENGTH, json!(12))];
        assert_eq!(on_sample(&CHECK, KIND, &changes), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown_unless_the_other_decides() {
        assert_eq!(on_sample_without(&CHECK, KIND, POLICY), unknown());
        assert_eq!(on_sample_without(&CHECK, KIND, LENGTH), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[(POLICY, json!("superb"))]), unknown());
        evidence(on_sample(&CHECK, KIND, &[(POLICY, json!("superb")), (LENGTH, json!(8))]));
        assert_eq!(on_sample_without(&CHECK, KIND, "/0/strategy"), unknown());
    }
}
