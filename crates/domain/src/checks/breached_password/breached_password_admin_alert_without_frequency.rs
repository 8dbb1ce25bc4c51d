//! BPD-08: administrators are to be alerted, and never are.

use super::{FREQUENCY, KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{BreachedPasswordDetection, Members, Shield};

pub const CHECK: Check = Check {
    id: "breached-password-admin-alert-without-frequency",
    version: 1,
    title: "Administrator alerts are on but no frequency is chosen",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "The alert looks switched on and is never sent, so everybody relies on a warning that \
           does not come.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Notifications, choose Immediately as the frequency of administrator \
         notifications.",
        "Save.",
    ]),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let detection = tenant.read::<BreachedPasswordDetection>()?;
    let is_on = PROTECTION.in_any_flow(tenant, |shields| shields.has(&Shield::AdminNotification));
    let frequency = detection.admin_notification_frequency.known();
    if !three_valued::all([is_on, frequency.and_then(Members::is_empty)])? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Contains(&["immediately"]);
    Violation::at(tenant, CHECK.severity, KIND, FREQUENCY, &expected)
        .fixed_by(Change::set(tenant, KIND, FREQUENCY, json!(["immediately"])))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, judge, reading, unknown, violation};

    fn with(login: &[&str], signup: &[&str], frequency: &[&str]) -> Judgement {
        let body = json!({"enabled": true, "shields": login, "admin_notification_frequency": frequency,
            "stage": {"pre-user-registration": {"shields": signup},
            "pre-change-password": {"shields": []}}});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn an_alert_without_a_frequency_fails_in_any_flow() {
        let (body, undo) = change(with(&["admin_notification"], &[], &[]));
        assert_eq!(body, json!({"admin_notification_frequency": ["immediately"]}));
        assert_eq!(undo, json!({"admin_notification_frequency": []}));
        violation(with(&[], &["admin_notification"], &[]));
    }

    #[test]
    fn a_frequency_or_no_alert_passes() {
        assert_eq!(with(&["admin_notification"], &[], &["monthly"]), PASS);
        assert_eq!(with(&["block"], &["block"], &[]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown_unless_the_rest_decides() {
        assert_eq!(with(&["admin_notification"], &[], &["hourly"]), unknown());
        assert_eq!(with(&["a_new_shield"], &[], &[]), unknown());
        assert_eq!(with(&["a_new_shield"], &[], &["daily"]), PASS);
        let no_frequency = json!({"enabled": true, "shields": ["admin_notification"]});
        assert_eq!(judge(&CHECK, reading(KIND, no_frequency)), unknown());
    }
}
