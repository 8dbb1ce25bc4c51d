//! TEN-10: the classic login judges signups by the older model. It matters where that login is
//! used, which other settings decide.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::TenantFlags;

pub const CHECK: Check = Check {
    id: "classic-signup-bot-model-off",
    version: 1,
    title: "The newer bot model is off for signups of the classic login",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Signups on the classic login are judged by an older model, so more bots get through.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch the flag on by the API call: the dashboard does not show it in every tenant.",
        "Watch the signups of the next days in the tenant log.",
    ]),
    controls: &[&sets::BOT],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let value =
        |flags: &TenantFlags| flags.improved_signup_bot_detection_in_classic.known().copied();
    super::flag(
        tenant,
        CHECK.severity,
        "/flags/improved_signup_bot_detection_in_classic",
        value,
        false,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, on_sample, on_sample_without, unknown};

    #[test]
    fn off_fails_and_on_passes() {
        let judged = on_sample(
            &CHECK,
            KIND,
            &[("/flags/improved_signup_bot_detection_in_classic", json!(false))],
        );
        assert_eq!(
            evidence(judged.clone()),
            (
                "/flags/improved_signup_bot_detection_in_classic".to_owned(),
                json!(false),
                json!(true)
            )
        );
        assert_eq!(
            change(judged),
            (
                json!({"flags": {"improved_signup_bot_detection_in_classic": true}}),
                json!({"flags": {"improved_signup_bot_detection_in_classic": false}})
            )
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/improved_signup_bot_detection_in_classic", json!(true))]
            ),
            PASS
        );
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(
            on_sample_without(&CHECK, KIND, "/flags/improved_signup_bot_detection_in_classic"),
            unknown()
        );
        assert_eq!(
            on_sample(
                &CHECK,
                KIND,
                &[("/flags/improved_signup_bot_detection_in_classic", json!("a new value"))]
            ),
            unknown()
        );
    }
}
