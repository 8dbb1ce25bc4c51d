//! BPD-09: administrators hear of leaked passwords weeks later.

use super::{FREQUENCY, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{BreachedPasswordDetection, NotificationFrequency};

pub const CHECK: Check = Check {
    id: "breached-password-admin-alert-too-slow",
    version: 1,
    title: "Administrator alerts come only weekly or monthly",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An attack with leaked passwords is over days or weeks before anybody who could respond \
           hears of it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Notifications, choose Immediately or Daily as the frequency of administrator \
         notifications.",
        "Save.",
    ]),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let detection = tenant.read::<BreachedPasswordDetection>()?;
    let frequency = detection.admin_notification_frequency.known()?;
    let soon = [NotificationFrequency::Immediately, NotificationFrequency::Daily];
    if frequency.is_empty()? || frequency.has_any(&soon)? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Contains(&["immediately"]);
    Violation::at(tenant, CHECK.severity, KIND, FREQUENCY, &expected)
        .fixed_by(Change::add(tenant, KIND, FREQUENCY, &["immediately"]))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, judge, reading, unknown, violation};

    fn with(frequency: &[&str]) -> Judgement {
        let body = json!({"enabled": true, "admin_notification_frequency": frequency});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn weekly_and_monthly_fail_and_the_fix_keeps_them() {
        violation(with(&["monthly"]));
        let (body, undo) = change(with(&["weekly", "monthly"]));
        assert_eq!(
            body,
            json!({"admin_notification_frequency": ["immediately", "monthly", "weekly"]})
        );
        assert_eq!(undo, json!({"admin_notification_frequency": ["monthly", "weekly"]}));
    }

    #[test]
    fn daily_immediately_and_none_pass() {
        for frequency in [&["daily"][..], &["immediately", "hourly"], &["monthly", "daily"], &[]] {
            assert_eq!(with(frequency), PASS);
        }
    }

    #[test]
    fn a_new_frequency_or_no_list_is_unknown() {
        assert_eq!(with(&["hourly"]), unknown());
        assert_eq!(with(&["weekly", "hourly"]), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
