//! TEN-01: sessions live for longer than a week, or for more than three days without use.

use super::{KIND, RESOURCE};
use crate::checks::logic;
use crate::checks::prelude::*;
use crate::readings::{Field, Hours, TenantSettings};

/// Hours of a session at most: a week (specification, TEN-01).
const LONGEST: u32 = 168;
/// Hours of a session without use at most: three days (specification, TEN-01).
const LONGEST_IDLE: u32 = 72;

pub const CHECK: Check = Check {
    id: "session-lifetime-long",
    version: 1,
    title: "Sessions live for longer than a week, or three days without use",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Whoever sits down at a device that was left logged in, or steals its cookie, is the \
           user until the session ends.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Login Session Management, set the inactivity timeout to 72 hours or less.",
        "Set the time after which everybody logs in again to 168 hours or less.",
        "Save.",
    ]),
    controls: &[&sets::SES],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let settings = tenant.read::<TenantSettings>()?;
    let bounds = [
        ("/session_lifetime", &settings.session_lifetime, LONGEST),
        ("/idle_session_lifetime", &settings.idle_session_lifetime, LONGEST_IDLE),
    ];
    if !logic::any(bounds.map(|(_, hours, most)| is_over(hours, most)))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::shown_by(CHECK.severity, Vec::new());
    let mut change = Change::nothing();
    for (pointer, hours, most) in bounds {
        if is_over(hours, most) == Ok(true) {
            violation = violation.and(tenant, KIND, pointer, &Expected::AtMost(most.into()));
            change = change.with(Change::set(tenant, KIND, pointer, json!(most)));
        }
    }
    violation.mended_by(change).fails()
}

fn is_over(hours: &Field<Hours>, most: u32) -> Result<bool, Unjudged> {
    Ok(hours.known()?.0 > f64::from(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, on_sample, on_sample_without, unknown, violation,
    };

    #[test]
    fn either_over_its_bound_fails_and_both_at_it_pass() {
        let judged = on_sample(&CHECK, KIND, &[("/session_lifetime", json!(168.5))]);
        assert_eq!(evidence(judged.clone()).2, json!({"at_most": 168}));
        assert_eq!(change(judged).0, json!({"session_lifetime": 168}));
        let both = [("/session_lifetime", json!(720)), ("/idle_session_lifetime", json!(73))];
        assert_eq!(violation(on_sample(&CHECK, KIND, &both)).evidence.len(), 2);
        assert_eq!(on_sample(&CHECK, KIND, &[("/session_lifetime", json!(168))]), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(on_sample_without(&CHECK, KIND, "/session_lifetime"), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/session_lifetime", json!("1d"))]), unknown());
        assert_eq!(on_sample(&CHECK, KIND, &[("/session_lifetime", json!(-1))]), unknown());
    }
}
