//! SIP-06: a throttled address gets new logins faster than by default.

use super::{KIND, LOGIN, RESOURCE};
use crate::checks::prelude::*;

pub const MIN_RATE_MS: Threshold = Threshold {
    check: "suspicious-ip-login-rate-high",
    name: "min_rate_ms",
    title: "Fails when a login is granted again within less than",
    unit: "ms",
    default: 864_000,
    min: 34_560,
    max: 86_400_000,
    not_above: None,
    source: "Auth0's default: 100 a day. Its range is 34,560 to 86,400,000.",
};

const FAR_TOO_FAST_MS: Threshold = Threshold {
    check: "suspicious-ip-login-rate-high",
    name: "far_too_fast_ms",
    title: "The severity is high instead of medium up to",
    unit: "ms",
    default: 86_400,
    min: 0,
    max: 86_400_000,
    not_above: Some(&MIN_RATE_MS),
    source: "Specification, SIP-06: 1,000 a day.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-login-rate-high",
    version: 1,
    title: "Login attempts are granted again too fast",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "An address that was throttled gets new attempts at once, so throttling hardly slows an \
           attack down.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the login throttling rate to 100 a day and the threshold to 100 \
         attempts, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    thresholds: &[&MIN_RATE_MS, &FAR_TOO_FAST_MS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let rate_ms = super::login(tenant)?.rate.known()?.0;
    let least = terms.value_of(&MIN_RATE_MS);
    if rate_ms >= least {
        return Ok(Verdict::Pass);
    }
    let severity =
        if rate_ms <= terms.value_of(&FAR_TOO_FAST_MS) { Severity::High } else { CHECK.severity };
    let pointer = format!("{LOGIN}/rate");
    Violation::at(tenant, severity, KIND, &pointer, &Expected::AtLeast(least))
        .fixed_by(super::good_login(tenant, terms))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, severity, unknown};

    fn with(attempts: u64, rate: u64) -> Judgement {
        let stage = json!({"pre-login": {"max_attempts": attempts, "rate": rate}});
        judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})))
    }

    #[test]
    fn the_rate_has_its_boundaries() {
        assert_eq!(with(100, 864_000), PASS);
        assert_eq!(severity(with(100, 863_999)), Severity::Medium);
        assert_eq!(severity(with(100, 86_401)), Severity::Medium);
        assert_eq!(severity(with(100, 86_400)), Severity::High);
        assert_eq!(severity(with(100, 0)), Severity::High);
    }

    #[test]
    fn the_mend_sends_the_whole_stage_and_keeps_what_is_stricter() {
        let judged = with(50, 34_560);
        assert_eq!(evidence(judged.clone()).2, json!({"at_least": 864_000}));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"stage": {"pre-login": {"max_attempts": 50, "rate": 864_000}}}));
        assert_eq!(undo, json!({"stage": {"pre-login": {"max_attempts": 50, "rate": 34_560}}}));
    }

    #[test]
    fn what_is_missing_or_mistyped_is_unknown() {
        for stage in [
            json!({}),
            json!({"pre-login": {}}),
            json!({"pre-login": {"max_attempts": "x", "rate": "x"}}),
        ] {
            assert_eq!(
                judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage}))),
                unknown()
            );
        }
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
