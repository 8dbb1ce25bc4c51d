//! BOT-02: a password login is not challenged.

use super::{KIND, PASSWORD, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BotDetection;

pub const CHECK: Check = Check {
    id: "bot-detection-password-login-not-challenged",
    version: 1,
    title: "A password login is not challenged",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs try stolen passwords one after the other, and no login looks risky enough to \
           be asked whether a person sits there.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&["Choose to challenge password logins When Risky.", "Save."]),
    controls: &[&sets::BOT],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    let policy = tenant.read::<BotDetection>()?.challenge_password_policy.known();
    super::not_challenged(tenant, CHECK.severity, PASSWORD, policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(policy: &str) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"challenge_password_policy": policy})))
    }

    #[test]
    fn never_fails() {
        let judged = with("never");
        assert_eq!(evidence(judged.clone()).2, json!({"one_of": ["when_risky", "always"]}));
        let field = |policy: &str| json!({"challenge_password_policy": policy});
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
