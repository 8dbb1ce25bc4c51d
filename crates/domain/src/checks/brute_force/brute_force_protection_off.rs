//! BFP-01: brute-force protection is off.

use serde_json::json;

use super::super::{
    Change, Check, Condition, Confidence, Expected, Judgement, Severity, Verdict, Violation, sets,
};
use crate::readings::{BruteForceProtection, ReadingKind};
use crate::tenant::Tenant;

const KIND: ReadingKind = ReadingKind::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-protection-off",
    version: 1,
    title: "Brute-force protection is off",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Nothing limits how many passwords an attacker may try against one account.",
    resource: super::RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&["Switch Brute-force Protection on.", "Save."]),
    controls: &[&sets::BFP],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    if *tenant.read::<BruteForceProtection>()?.enabled.known()? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Is(json!(true));
    Ok(Verdict::Fail(Box::new(
        Violation::at(tenant, CHECK.severity, KIND, "/enabled", &expected)
            .mended_by(Change::set(tenant, KIND, "/enabled", json!(true))),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{judge, reading, unknown};

    #[test]
    fn off_is_a_violation_with_its_change_and_undo() {
        let judged = judge(&CHECK, reading(KIND, json!({"enabled": false})));
        let Ok(Verdict::Fail(violation)) = judged else { panic!("{judged:?}") };
        assert_eq!(violation.evidence[0].found, json!(false));
        let change = violation.change.unwrap();
        assert_eq!((change.body, change.undo), (json!({"enabled": true}), json!({"enabled": false})));
    }

    #[test]
    fn on_passes() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), Ok(Verdict::Pass));
    }

    #[test]
    fn a_missing_or_new_value_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"max_attempts": 10}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": "partly"}))), unknown());
    }
}
