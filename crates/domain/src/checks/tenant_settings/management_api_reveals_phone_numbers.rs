//! Answers of the Management API show whole phone numbers of enrolled factors.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "management-api-reveals-phone-numbers",
    version: 1,
    title: "The Management API shows whole phone numbers",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Whoever may read users learns the numbers that their codes are sent to: whom to call, and \
           which number to take over.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that nothing needs the numbers.",
        "Under Settings > Advanced > Migrations, let the API obfuscate them.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Programs that read whole numbers get parts of them.",
    )),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/disable_management_api_sms_obfuscation",
        wrong: true,
        of: SwitchOf::TenantFlags(|flags| &flags.disable_management_api_sms_obfuscation),
    })),
};
