//! BPD-09: administrators learn of breached passwords weeks later.

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
    ])
    .with_side_effects(SideEffects::none("Only administrators get e-mail.")),
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
crate::checks::testing::verdicts! { CHECK "/admin_notification_frequency";
    weekly_and_monthly_fail_and_the_fix_keeps_them {
        ["monthly"] => fails;
        ["weekly", "monthly"] => fails {"undo": {"admin_notification_frequency": ["monthly", "weekly"]},
            "fix": {"admin_notification_frequency": ["immediately", "monthly", "weekly"]}};
        ["daily"], ["immediately", "hourly"], ["monthly", "daily"], [] => passes;
        ["hourly"], ["weekly", "hourly"] => unknown;
    }
}
