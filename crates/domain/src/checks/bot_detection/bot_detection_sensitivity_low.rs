//! BOT-06: hardly any request counts as risky.

use super::{KIND, LEVEL, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{BotDetection, BotLevel, ChallengePolicy};

pub const CHECK: Check = Check {
    id: "bot-detection-sensitivity-low",
    version: 1,
    title: "The sensitivity of bot detection is low",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Only the crudest programs are recognised, and all others are never challenged.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&["Set the bot detection level to medium or high.", "Save."]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let bots = tenant.read::<BotDetection>()?;
    // The level only matters to a flow that is challenged when risky.
    let when_risky = super::policies(bots).map(|policy| Ok(policy? == ChallengePolicy::WhenRisky));
    applies_when(three_valued::any(when_risky)?)?;
    if *bots.bot_detection_level.known()? != BotLevel::Low {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, LEVEL, &Expected::OneOf(&["medium", "high"]))
        .fixed_by(Change::set(tenant, KIND, LEVEL, json!("medium")))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(policy: &str, level: &str) -> Judgement {
        let body = json!({"challenge_password_policy": policy, "challenge_passwordless_policy": "always",
            "challenge_password_reset_policy": "never", "bot_detection_level": level});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn low_fails_where_a_flow_is_challenged_when_risky() {
        let (body, undo) = change(with("when_risky", "low"));
        assert_eq!(body, json!({"bot_detection_level": "medium"}));
        assert_eq!(undo, json!({"bot_detection_level": "low"}));
    }

    #[test]
    fn medium_and_high_pass() {
        assert_eq!(with("when_risky", "medium"), PASS);
        assert_eq!(with("when_risky", "high"), PASS);
    }

    #[test]
    fn a_new_or_missing_value_is_unknown() {
        assert_eq!(with("when_risky", "lowest"), unknown());
        assert_eq!(with("sometimes", "low"), unknown());
        let missing = json!({"challenge_password_policy": "when_risky"});
        assert_eq!(judge(&CHECK, reading(KIND, missing)), unknown());
    }

    #[test]
    fn where_nothing_is_challenged_when_risky_the_level_does_not_matter() {
        assert_eq!(with("always", "low"), feature_off());
    }
}
