//! BPD-02: detection is on and nothing follows from it.

use super::{KIND, RESET, RESOURCE, SHIELDS, SIGNUP};
use crate::checks::prelude::*;
use crate::checks::protection::when_on;
use crate::checks::three_valued;
use crate::readings::{BreachedPasswordDetection, Members};

pub const CHECK: Check = Check {
    id: "breached-password-detection-monitoring-only",
    version: 1,
    title: "Breached password detection is on but only monitors",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Every use of a leaked password is seen and none is stopped: the attacker is let in \
           while the log fills up.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off"],
    remediation: &super::remediation(&[
        "Under Response, switch on blocking for login, signup and password reset, and both \
         notifications.",
        "Choose Immediately as the frequency of administrator notifications.",
        "Save.",
    ]),
    controls: &[&sets::BPD],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    let detection = when_on::<BreachedPasswordDetection>(tenant)?;
    let shields = super::everywhere(detection);
    if !three_valued::all(shields.map(|flow| flow.and_then(Members::is_empty)))? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Contains(&["block"]);
    Violation::at(tenant, CHECK.severity, KIND, SHIELDS, &expected)
        .and(tenant, KIND, SIGNUP, &expected)
        .and(tenant, KIND, RESET, &expected)
        .fixed_by(super::respond(tenant, Change::nothing()))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown, violation};

    fn with(login: &[&str], signup: &[&str], reset: &[&str]) -> Judgement {
        let body = json!({"enabled": true, "shields": login, "stage": {
            "pre-user-registration": {"shields": signup}, "pre-change-password": {"shields": reset}}});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn no_shield_in_any_flow_fails_and_the_mend_blocks_in_all() {
        let judged = with(&[], &[], &[]);
        assert_eq!(violation(judged.clone()).evidence.len(), 3);
        let (body, undo) = change(judged);
        assert_eq!(body["stage"]["pre-change-password"], json!({"shields": ["block"]}));
        assert_eq!(undo["shields"], json!([]));
    }

    #[test]
    fn a_shield_in_any_flow_passes() {
        assert_eq!(with(&["user_notification"], &[], &[]), PASS);
        assert_eq!(with(&[], &["block"], &[]), PASS);
        assert_eq!(with(&[], &[], &["admin_notification"]), PASS);
    }

    #[test]
    fn a_new_shield_or_a_missing_stage_is_unknown_unless_another_flow_decides() {
        assert_eq!(with(&[], &["a_new_shield"], &[]), unknown());
        let without_stages = |shields| json!({"enabled": true, "shields": shields});
        assert_eq!(judge(&CHECK, reading(KIND, without_stages(json!([])))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, without_stages(json!(["block"])))), PASS);
    }

    #[test]
    fn off_is_not_applicable() {
        assert_eq!(
            judge(&CHECK, reading(KIND, json!({"enabled": false, "shields": []}))),
            feature_off()
        );
    }
}
