//! BOT-06: very few requests count as risky.

use super::{KIND, LEVEL, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
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
    // The level matters only to a flow with the policy `when_risky`.
    let when_risky = super::policies(bots).map(|policy| Ok(policy? == ChallengePolicy::WhenRisky));
    applies_when(unknown::any(when_risky)?)?;
    if *bots.bot_detection_level.known()? != BotLevel::Low {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, LEVEL, &Expected::OneOf(&["medium", "high"]))
        .fixed_by(Change::set(tenant, KIND, LEVEL, json!("medium")))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/bot_detection_level";
    low_fails_where_a_flow_is_challenged_when_risky {
        "low" => fails {"fix": {"bot_detection_level": "medium"}, "undo": {"bot_detection_level": "low"}};
        "medium", "high" => passes;
    }
    where_nothing_is_challenged_when_risky_the_level_does_not_matter {
        {"/challenge_password_policy": "always", "/challenge_passwordless_policy": "always",
            "/challenge_password_reset_policy": "never", "/bot_detection_level": "low"} => feature_off;
        {"/challenge_password_policy": "sometimes", "/challenge_passwordless_policy": "always",
            "/challenge_password_reset_policy": "never", "/bot_detection_level": "low"} => unknown;
    }
}
