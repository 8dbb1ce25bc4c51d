//! TEN-01: sessions last longer than a week, or more than three days idle.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{Field, Hours, Minutes, TenantSettings};

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
    version: 2,
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
        (
            lifetime(
                ["/session_lifetime", "/session_lifetime_in_minutes"],
                &settings.session_lifetime,
                &settings.session_lifetime_in_minutes,
            ),
            terms.value_of(&MAX_HOURS),
        ),
        (
            lifetime(
                ["/idle_session_lifetime", "/idle_session_lifetime_in_minutes"],
                &settings.idle_session_lifetime,
                &settings.idle_session_lifetime_in_minutes,
            ),
            terms.value_of(&MAX_IDLE_HOURS),
        ),
    ];
    let is_over = |(lifetime, hours): &(Result<Lifetime, Inconclusive>, u64)| {
        lifetime.map(|lifetime| lifetime.value > as_f64(hours * lifetime.per_hour))
    };
    if !unknown::any(bounds.iter().map(is_over))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    let mut change = Change::nothing();
    for bound in bounds.iter().filter(|bound| is_over(bound) == Ok(true)) {
        let (Ok(Lifetime { pointer, per_hour, .. }), hours) = bound else { continue };
        let most = hours * per_hour;
        violation = violation.and(tenant, KIND, pointer, &Expected::AtMost(most));
        change = change.with(Change::set(tenant, KIND, pointer, json!(most)));
    }
    violation.fixed_by(change).into_failure()
}

/// A lifetime in the unit that the tenant gives it in.
#[derive(Debug, Clone, Copy)]
struct Lifetime {
    pointer: &'static str,
    value: f64,
    per_hour: u64,
}

/// Minutes go before hours: Auth0 takes them for what is shorter than an hour.
fn lifetime(
    [in_hours, in_minutes]: [&'static str; 2],
    hours: &Field<Hours>,
    minutes: &Field<Minutes>,
) -> Result<Lifetime, Inconclusive> {
    if let Some(minutes) = minutes.ok() {
        return Ok(Lifetime { pointer: in_minutes, value: minutes.0, per_hour: 60 });
    }
    // Minutes that are not understood may be shorter than what absent hours mean.
    if hours.is_absent() && !minutes.is_absent() {
        minutes.known()?;
    }
    Ok(Lifetime { pointer: in_hours, value: hours.known()?.0, per_hour: 1 })
}

fn as_f64(whole: u64) -> f64 {
    f64::from(u32::try_from(whole).unwrap_or(u32::MAX))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/session_lifetime";
    either_over_its_bound_fails_and_both_at_it_pass {
        168.5 => fails {"expected": {"at_most": 168}, "fix": {"session_lifetime": 168}};
        {"/session_lifetime": 720, "/idle_session_lifetime": 73} => fails {"count": 2};
        168 => passes;
        "(absent)" => passes;
        "1d", {"/session_lifetime": -1}, {"/session_lifetime": 0} => unknown;
    }
    what_is_left_out_is_a_week_and_three_days {
        {"/session_lifetime": "(absent)", "/idle_session_lifetime": "(absent)"} => passes;
    }
    minutes_go_before_hours {
        {"/session_lifetime_in_minutes": 30, "/session_lifetime": 0, "/idle_session_lifetime_in_minutes": 15} => passes;
        {"/session_lifetime_in_minutes": 10_081} => fails {"at": "/session_lifetime_in_minutes", "found": 10_081,
            "expected": {"at_most": 10_080}, "fix": {"session_lifetime_in_minutes": 10_080}};
        {"/session_lifetime_in_minutes": 0} => passes;
        {"/session_lifetime_in_minutes": 0, "/session_lifetime": "(absent)"} => unknown;
    }
}
