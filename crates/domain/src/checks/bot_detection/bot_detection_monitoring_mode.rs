//! BOT-05: bots are detected and let through.

use super::{KIND, MONITORING, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BotDetection;

pub const CHECK: Check = Check {
    id: "bot-detection-monitoring-mode",
    version: 1,
    title: "Bot detection is in monitoring mode: it logs but does not act",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs are recognised and let through: nobody is challenged as long as the mode is \
           on.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&[
        "Look at the tenant log for what would have been challenged.",
        "Switch monitoring mode off.",
        "Save.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let bots = tenant.read::<BotDetection>()?;
    applies_when(super::some_challenged(bots)?)?;
    if !*bots.monitoring_mode_enabled.known()? {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, MONITORING, &Expected::Is(json!(false)))
        .fixed_by(Change::set(tenant, KIND, MONITORING, json!(false)))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(policy: &str, monitoring: serde_json::Value) -> Judgement {
        let body = json!({"challenge_password_policy": policy, "challenge_passwordless_policy": "never",
            "challenge_password_reset_policy": "never", "monitoring_mode_enabled": monitoring});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn monitoring_mode_fails() {
        let (body, undo) = change(with("when_risky", json!(true)));
        assert_eq!(body, json!({"monitoring_mode_enabled": false}));
        assert_eq!(undo, json!({"monitoring_mode_enabled": true}));
    }

    #[test]
    fn acting_passes() {
        assert_eq!(with("always", json!(false)), PASS);
    }

    #[test]
    fn a_new_policy_or_mode_is_unknown() {
        assert_eq!(with("sometimes", json!(true)), unknown());
        assert_eq!(with("always", json!("partly")), unknown());
        let missing = json!({"challenge_password_policy": "always"});
        assert_eq!(judge(&CHECK, reading(KIND, missing)), unknown());
    }

    #[test]
    fn without_any_challenge_there_is_nothing_to_judge() {
        assert_eq!(with("never", json!(true)), feature_off());
    }
}
