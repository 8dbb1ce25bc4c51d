//! BPD-07: administrators are not notified of breached passwords in any flow.

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
    ])
    .with_side_effects(SideEffects::none("Only administrators get e-mail.")),
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
crate::checks::testing::verdicts! { CHECK;
    no_alert_in_any_flow_fails_and_the_fix_chooses_a_frequency_too {
        {"/shields": ["block"], "/stage/pre-user-registration/shields": ["block"],
            "/stage/pre-change-password/shields": ["block"], "/admin_notification_frequency": []} => fails {
            "fix": {"shields": ["admin_notification", "block"], "admin_notification_frequency": ["immediately"]},
            "undo": {"shields": ["block"], "admin_notification_frequency": []}};
        {"/shields": ["block"], "/stage/pre-user-registration/shields": [],
            "/stage/pre-change-password/shields": [], "/admin_notification_frequency": ["daily"]}
            => fails {"fix": {"shields": ["admin_notification", "block"]}};
    }
    an_alert_in_any_flow_passes_whatever_the_others_are {
        {"/shields": ["admin_notification"], "/stage/pre-user-registration/shields": [],
            "/stage/pre-change-password/shields": []} => passes;
        {"/shields": ["a_new_shield"], "/stage/pre-user-registration/shields": ["admin_notification"],
            "/stage/pre-change-password/shields": []} => passes;
        {"/shields": [], "/stage/pre-user-registration/shields": [],
            "/stage/pre-change-password/shields": ["admin_notification"]} => passes;
    }
    a_new_shield_is_unknown_and_a_protection_that_is_off_does_not_count {
        {"/shields": ["block"], "/stage/pre-user-registration/shields": ["a_new_shield"],
            "/stage/pre-change-password/shields": []} => unknown;
        {"/enabled": false, "/shields": []} => feature_off;
    }
}
