//! BPD-08: alerts to administrators are on but have no frequency, so none is sent.

use super::{FREQUENCY, KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
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
    ])
    .with_side_effects(SideEffects::none("Only administrators get e-mail.")),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let detection = tenant.read::<BreachedPasswordDetection>()?;
    let is_on = PROTECTION.in_any_flow(tenant, |shields| shields.has(&Shield::AdminNotification));
    let frequency = detection.admin_notification_frequency.known();
    if !unknown::all([is_on, frequency.and_then(Members::is_empty)])? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Contains(&["immediately"]);
    Violation::at(tenant, CHECK.severity, KIND, FREQUENCY, &expected)
        .fixed_by(Change::set(tenant, KIND, FREQUENCY, json!(["immediately"])))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    an_alert_without_a_frequency_fails_in_any_flow {
        {"/shields": ["admin_notification"], "/stage/pre-user-registration/shields": [],
            "/stage/pre-change-password/shields": [], "/admin_notification_frequency": []}
            => fails {"fix": {"admin_notification_frequency": ["immediately"]},
                "undo": {"admin_notification_frequency": []}};
        {"/shields": [], "/stage/pre-user-registration/shields": ["admin_notification"],
            "/stage/pre-change-password/shields": [], "/admin_notification_frequency": []} => fails;
    }
    a_frequency_or_no_alert_passes {
        {"/shields": ["admin_notification"], "/admin_notification_frequency": ["monthly"]} => passes;
        {"/shields": ["block"], "/stage/pre-user-registration/shields": ["block"],
            "/stage/pre-change-password/shields": [], "/admin_notification_frequency": []} => passes;
    }
    what_is_new_is_unknown_unless_the_rest_decides {
        {"/shields": ["admin_notification"], "/admin_notification_frequency": ["hourly"]} => unknown;
        {"/shields": ["a_new_shield"], "/stage/pre-user-registration/shields": [],
            "/stage/pre-change-password/shields": [], "/admin_notification_frequency": []} => unknown;
        {"/shields": ["a_new_shield"], "/admin_notification_frequency": ["daily"]} => passes;
    }
}
