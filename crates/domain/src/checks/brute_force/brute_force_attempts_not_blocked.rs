//! BFP-03: brute-force attempts are not blocked.

use super::super::{
    Change, Check, Condition, Confidence, Expected, Judgement, Severity, Verdict, Violation,
    applies_when, sets,
};
use crate::readings::{BruteForceProtection, ReadingKind, Shield};
use crate::tenant::Tenant;

const KIND: ReadingKind = ReadingKind::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-attempts-not-blocked",
    version: 1,
    title: "Brute-force attempts are not blocked",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Guessing is noticed and goes on: no attempt is refused, however many have failed.",
    resource: super::RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&["Under Response, switch Block Brute-force Logins on.", "Save."]),
    controls: &[&sets::BFP],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let protection = tenant.read::<BruteForceProtection>()?;
    applies_when(*protection.enabled.known()?)?;
    if protection.shields.known()?.has(&Shield::Block)? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Contains(&["block"]);
    Ok(Verdict::Fail(Box::new(
        Violation::at(tenant, CHECK.severity, KIND, "/shields", &expected)
            .mended_by(Change::add(tenant, KIND, "/shields", &["block"])),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{feature_off, judge, reading, unknown};
    use serde_json::json;

    fn with(shields: &[&str]) -> Tenant {
        reading(KIND, json!({"enabled": true, "shields": shields}))
    }

    #[test]
    fn without_the_block_shield_it_fails_and_the_mend_keeps_the_others() {
        let judged = judge(&CHECK, with(&["user_notification"]));
        let Ok(Verdict::Fail(violation)) = judged else { panic!("{judged:?}") };
        let change = violation.change.unwrap();
        assert_eq!(change.body, json!({"shields": ["block", "user_notification"]}));
        assert_eq!(change.undo, json!({"shields": ["user_notification"]}));
    }

    #[test]
    fn with_the_block_shield_it_passes_whatever_else_there_is() {
        assert_eq!(judge(&CHECK, with(&["block", "a_new_shield"])), Ok(Verdict::Pass));
    }

    #[test]
    fn a_new_shield_alone_is_unknown() {
        assert_eq!(judge(&CHECK, with(&["a_new_shield"])), unknown());
    }

    #[test]
    fn off_is_not_applicable() {
        let off = reading(KIND, json!({"enabled": false, "shields": []}));
        assert_eq!(judge(&CHECK, off), feature_off());
    }
}
