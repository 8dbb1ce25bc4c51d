//! SIP-07: one address may sign up more often than by default.

use super::{KIND, RESOURCE, SIGNUP};
use crate::checks::prelude::*;

/// Signups of one address in a minute: Auth0's default.
const SIGNUPS: u64 = 50;
/// From here on it is hardly a threshold (specification, SIP-07).
const FAR_TOO_MANY: u64 = 1_000;

pub const CHECK: Check = Check {
    id: "suspicious-ip-signup-threshold-high",
    version: 1,
    title: "The signup burst per IP address is above the default",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "One address creates accounts by the hundred before it is slowed down: for spam, for \
           trials, for hiding attacks among them.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the signup threshold to 50 attempts.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    let attempts = super::signup(tenant)?.max_attempts.known()?.0;
    if attempts <= SIGNUPS {
        return Ok(Verdict::Pass);
    }
    let severity = if attempts > FAR_TOO_MANY { Severity::High } else { CHECK.severity };
    let pointer = format!("{SIGNUP}/max_attempts");
    Violation::at(tenant, severity, KIND, &pointer, &Expected::AtMost(SIGNUPS))
        .mended_by(Change::within(tenant, KIND, SIGNUP, &[("max_attempts", json!(SIGNUPS))]))
        .fails()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, severity, unknown};

    fn with(attempts: u64, rate: u64) -> Judgement {
        let stage = json!({"pre-user-registration": {"max_attempts": attempts, "rate": rate}});
        judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})))
    }

    #[test]
    fn the_burst_has_its_boundaries() {
        assert_eq!(with(50, 1_200), PASS);
        assert_eq!(severity(with(51, 1_200)), Severity::Medium);
        assert_eq!(severity(with(1_000, 1_200)), Severity::Medium);
        assert_eq!(severity(with(1_001, 1_200)), Severity::High);
    }

    #[test]
    fn the_mend_sends_the_whole_stage() {
        let judged = with(60, 1_200);
        assert_eq!(evidence(judged.clone()).2, json!({"at_most": 50}));
        let (body, undo) = change(judged);
        let stage = |attempts| json!({"max_attempts": attempts, "rate": 1_200});
        assert_eq!(body, json!({"stage": {"pre-user-registration": stage(50)}}));
        assert_eq!(undo, json!({"stage": {"pre-user-registration": stage(60)}}));
    }

    #[test]
    fn what_is_missing_or_mistyped_is_unknown() {
        for stage in [
            json!({}),
            json!({"pre-user-registration": {}}),
            json!({"pre-user-registration": {"max_attempts": "x", "rate": "x"}}),
        ] {
            assert_eq!(
                judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage}))),
                unknown()
            );
        }
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
