//! TEN-01: sessions last longer than a week, or more than three days idle.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown_propagation;
use crate::readings::{Field, Hours, TenantSettings};

const MAX_HOURS: Threshold = Threshold {
    check: "session-lifetime-long",
    name: "max_hours",
    title: "Fails when a session lives for more than",
    unit: "hours",
    default: 168,
    min: 1,
    max: 8760,
    not_above: None,
    source: "Specification, TEN-01: a week.",
};

const MAX_IDLE_HOURS: Threshold = Threshold {
    check: "session-lifetime-long",
    name: "max_idle_hours",
    title: "Fails when a session lives without use for more than",
    unit: "hours",
    default: 72,
    min: 1,
    max: 8760,
    not_above: Some(&MAX_HOURS),
    source: "Specification, TEN-01: three days.",
};

pub const CHECK: Check = Check {
    id: "session-lifetime-long",
    version: 1,
    title: "Sessions live for too long",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Anyone who sits down at a device that was left logged in, or steals its cookie, is the \
           user until the session ends.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Login Session Management, set the inactivity timeout to 72 hours or less, \
         or to what your policy asks for.",
        "Set the time after which everybody logs in again to 168 hours or less, likewise.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users("Users log in again more often.")),
    controls: &[&sets::SESSIONS],
    thresholds: &[&MAX_HOURS, &MAX_IDLE_HOURS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let settings = tenant.read::<TenantSettings>()?;
    let bounds = [
        ("/session_lifetime", &settings.session_lifetime, terms.value_of(&MAX_HOURS)),
        (
            "/idle_session_lifetime",
            &settings.idle_session_lifetime,
            terms.value_of(&MAX_IDLE_HOURS),
        ),
    ];
    if !unknown_propagation::any(bounds.map(|(_, hours, most)| is_over(hours, most)))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    let mut change = Change::nothing();
    for (pointer, hours, most) in bounds {
        if is_over(hours, most) == Ok(true) {
            violation = violation.and(tenant, KIND, pointer, &Expected::AtMost(most));
            change = change.with(Change::set(tenant, KIND, pointer, json!(most)));
        }
    }
    violation.fixed_by(change).into_failure()
}

fn is_over(hours: &Field<Hours>, most: u64) -> Result<bool, Inconclusive> {
    Ok(hours.known()?.0 > f64::from(u32::try_from(most).unwrap_or(u32::MAX)))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/session_lifetime";
    either_over_its_bound_fails_and_both_at_it_pass {
        168.5 => fails {"expected": {"at_most": 168}, "fix": {"session_lifetime": 168}};
        {"/session_lifetime": 720, "/idle_session_lifetime": 73} => fails {"count": 2};
        168 => passes;
        "(absent)", "1d", {"/session_lifetime": -1} => unknown;
    }
}
