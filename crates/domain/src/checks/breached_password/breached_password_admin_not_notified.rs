//! BPD-07: administrators hear of leaked passwords in no flow.

use super::{KIND, PROTECTION, RESOURCE, SHIELDS};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "breached-password-admin-not-notified",
    version: 1,
    title: "Administrators get no alert about breached passwords at all",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A wave of logins with leaked passwords goes unseen by those who could respond to it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Notifications, switch on Send notifications to account administrators.",
        "Choose Immediately as the frequency.",
        "Save.",
    ]),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    PROTECTION.when_on(tenant)?;
    if PROTECTION.in_any_flow(tenant, |shields| shields.has(&Shield::AdminNotification))? {
        return Ok(Verdict::Pass);
    }
    let notify = Change::add(tenant, KIND, SHIELDS, &["admin_notification"]);
    PROTECTION
        .shields_shown(tenant, CHECK.severity, &Expected::Contains(&["admin_notification"]))
        .fixed_by(super::alert_soon(tenant, notify))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(login: &[&str], signup: &[&str], reset: &[&str], frequency: &[&str]) -> Judgement {
        let body = json!({"enabled": true, "shields": login, "admin_notification_frequency": frequency,
            "stage": {"pre-user-registration": {"shields": signup},
            "pre-change-password": {"shields": reset}}});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn no_alert_in_any_flow_fails_and_the_fix_chooses_a_frequency_too() {
        let (body, undo) = change(with(&["block"], &["block"], &["block"], &[]));
        assert_eq!(
            body,
            json!({"shields": ["admin_notification", "block"],
                "admin_notification_frequency": ["immediately"]})
        );
        assert_eq!(undo, json!({"shields": ["block"], "admin_notification_frequency": []}));
        let (body, _) = change(with(&["block"], &[], &[], &["daily"]));
        assert_eq!(body, json!({"shields": ["admin_notification", "block"]}));
    }

    #[test]
    fn an_alert_in_any_flow_passes_whatever_the_others_are() {
        assert_eq!(with(&["admin_notification"], &[], &[], &[]), PASS);
        assert_eq!(with(&["a_new_shield"], &["admin_notification"], &[], &[]), PASS);
        assert_eq!(with(&[], &[], &["admin_notification"], &[]), PASS);
    }

    #[test]
    fn a_missing_stage_or_a_new_shield_is_unknown() {
        assert_eq!(with(&["block"], &["a_new_shield"], &[], &[]), unknown());
        let without_stages = json!({"enabled": true, "shields": ["block"]});
        assert_eq!(judge(&CHECK, reading(KIND, without_stages)), unknown());
    }

    #[test]
    fn off_is_not_applicable() {
        assert_eq!(
            judge(&CHECK, reading(KIND, json!({"enabled": false, "shields": []}))),
            feature_off()
        );
    }
}
