//! TEN-04: anybody can register an application. The security mode is shown if it is permissive: it limits what such
//! an application may do, not whether it may be registered.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{SecurityMode, TenantSettings};

pub const CHECK: Check = Check {
    id: "dynamic-client-registration-open",
    version: 2,
    title: "Anybody can register an application (dynamic client registration is open)",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "An attacker registers an application of their own that carries the name of the \
           tenant, and asks users for consent with it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings, switch OIDC Dynamic Application Registration off.",
        "If you need it, make the security mode strict and put an access control list before \
         the endpoint.",
        "Save, and review the third-party applications.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications can no longer register themselves; registered ones stay.",
    )),
    controls: &[&sets::OAUTH, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    const POINTER: &str = "/flags/enable_dynamic_client_registration";
    const MODE: &str = "/dynamic_client_registration_security_mode";
    let settings = tenant.read::<TenantSettings>()?;
    if !*settings.flags.known()?.enable_dynamic_client_registration.known()? {
        return Ok(Verdict::Pass);
    }
    let off = Expected::Is(json!(false));
    let mut violation = Violation::at(tenant, CHECK.severity, KIND, POINTER, &off);
    let mode = settings.dynamic_client_registration_security_mode.ok();
    if mode == Some(&SecurityMode::Permissive) {
        violation = violation.and(tenant, KIND, MODE, &Expected::Is(json!("strict")));
    }
    violation.fixed_by(Change::set(tenant, KIND, POINTER, json!(false))).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/flags/enable_dynamic_client_registration";
    on_fails_and_off_passes {
        true => fails {"at": "/flags/enable_dynamic_client_registration", "found": true, "expected": false,
            "fix": {"flags": {"enable_dynamic_client_registration": false}},
            "undo": {"flags": {"enable_dynamic_client_registration": true}}};
        false => passes;
    }
    a_permissive_mode_is_shown_beside_it_and_is_nothing_by_itself {
        {"/flags/enable_dynamic_client_registration": true, "/dynamic_client_registration_security_mode": "permissive"}
            => fails {"count": 2};
        {"/dynamic_client_registration_security_mode": "permissive"} => passes;
    }
}
