//! BPD-03: a login with a leaked password is not blocked.

use super::{KIND, LOGIN_FLOW, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "breached-password-login-not-blocked",
    version: 1,
    title: "A login with a compromised password is not blocked",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who holds a leaked password of a user logs in with it: the only effect is a \
           notification that comes too late.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch on Block compromised user accounts.",
        "Save.",
    ]),
    controls: &[&sets::BREACHED_PASSWORD],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &LOGIN_FLOW,
        shield: Shield::Block,
    }),
};
