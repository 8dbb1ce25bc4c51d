//! BOT-03: the passwordless flow is not challenged.

use super::{KIND, PASSWORDLESS, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BotDetection;

pub const CHECK: Check = Check {
    id: "bot-detection-passwordless-not-challenged",
    version: 1,
    title: "The passwordless flow is not challenged",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs ask for codes by the thousand to premium-rate numbers and are paid for it; \
           the tenant pays for every message.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&[
        "Choose to challenge passwordless logins When Risky.",
        "Save.",
    ]),
    controls: &[&sets::BOT],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    let policy = tenant.read::<BotDetection>()?.challenge_passwordless_policy.known();
    super::not_challenged(tenant, CHECK.severity, PASSWORDLESS, policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(policy: &str) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"challenge_passwordless_policy": policy})))
    }

    #[test]
    fn never_fails() {
        let judged = with("never");
        assert_eq!(evidence(judged.clone()).2, json!({"one_of": ["when_risky", "always"]}));
        let field = |policy: &str| json!({"challenge_passwordless_policy": policy});
        assert_eq!(change(judged), (field("when_risky"), field("never")));
    }

    #[test]
    fn when_risky_and_always_pass() {
        assert_eq!(with("when_risky"), PASS);
        assert_eq!(with("always"), PASS);
    }

    #[test]
    fn a_new_or_missing_policy_is_unknown() {
        assert_eq!(with("sometimes"), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"bot_detection_level": "low"}))), unknown());
    }
}
