//! CMB-01: brute force, many attempts from one address, and bots are all unrestrained.

use super::RESOURCE;
use crate::checks::bot_detection::bot_detection_off;
use crate::checks::brute_force::{
    brute_force_attempts_not_blocked, brute_force_protection_monitoring_only,
    brute_force_protection_off,
};
use crate::checks::prelude::*;
use crate::checks::suspicious_ip::{
    suspicious_ip_not_throttled, suspicious_ip_throttling_monitoring_only,
    suspicious_ip_throttling_off,
};
use crate::checks::unknown::{self, Failing};
use crate::tenant::Outcome;

const BRUTE_FORCE: ReadingKind = ReadingKind::BruteForceProtection;
const SUSPICIOUS_IP: ReadingKind = ReadingKind::SuspiciousIpThrottling;
const BOTS: ReadingKind = ReadingKind::BotDetection;

/// Any of these: guessing is unrestrained.
const GUESSING: [&Check; 3] = [
    &brute_force_protection_off::CHECK,
    &brute_force_protection_monitoring_only::CHECK,
    &brute_force_attempts_not_blocked::CHECK,
];
/// Any of these: addresses are unrestrained.
const THROTTLING: [&Check; 3] = [
    &suspicious_ip_throttling_off::CHECK,
    &suspicious_ip_throttling_monitoring_only::CHECK,
    &suspicious_ip_not_throttled::CHECK,
];

pub const CHECK: Check = Check {
    id: "no-automated-abuse-control",
    version: 1,
    title: "There is no automated-abuse control at all",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Nothing slows down or stops a program that guesses passwords, tries stolen ones or \
           creates accounts: neither for an account, nor for an address, nor as a bot.",
    resource: RESOURCE,
    reads: &[BRUTE_FORCE, SUSPICIOUS_IP, BOTS],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Brute-force Protection on, with blocking.",
        "Switch Suspicious IP Throttling on, with throttling.",
        "Challenge bots When Risky; where the plan has no bot detection, put a web \
         application firewall with bot rules in front.",
    ]),
    controls: &[&sets::BRUTE_FORCE, &sets::SUSPICIOUS_IP, &sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    unknown::all_read(tenant, &[BRUTE_FORCE, SUSPICIOUS_IP])?;
    let bots = if has_no_bot_detection(tenant) {
        Ok(Some(no_bot_control()))
    } else {
        unknown::all_read(tenant, &[BOTS])?;
        unknown::part(&bot_detection_off::CHECK, tenant, terms)
    };
    let any_wrong = |checks: [&Check; 3]| {
        unknown::any_wrong(checks.map(|check| unknown::part(check, tenant, terms)))
    };
    super::together(&CHECK, [any_wrong(GUESSING), any_wrong(THROTTLING), bots])
}

/// A plan without bot detection is the only missing input that decides.
fn has_no_bot_detection(tenant: &Tenant) -> bool {
    use Outcome::{NotOffered, Unreadable};
    matches!(
        tenant.outcome(BOTS),
        Some(Unreadable { reason: UnknownReason::PlanUnavailable, .. } | NotOffered { .. })
    )
}

fn no_bot_control() -> Failing {
    let found = json!(UnknownReason::PlanUnavailable.name());
    let evidence = vec![Evidence::wrong(BOTS, "", found, json!("available"))];
    Failing { evidence, confidence: Confidence::High }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, judge, readings, violation};

    fn bodies(
        brute_force: bool,
        suspicious_ip: bool,
        policy: &str,
    ) -> Vec<(ReadingKind, serde_json::Value)> {
        let protection = |is_on: bool| json!({"enabled": is_on, "shields": ["block"]});
        let bots = json!({"challenge_password_policy": policy, "challenge_passwordless_policy": "never",
            "challenge_password_reset_policy": "never"});
        vec![
            (BRUTE_FORCE, protection(brute_force)),
            (SUSPICIOUS_IP, protection(suspicious_ip)),
            (BOTS, bots),
        ]
    }

    #[test]
    fn all_three_missing_fail_with_the_evidence_of_each() {
        let judged = violation(judge(&CHECK, readings(&bodies(false, false, "never"))));
        let kinds: Vec<_> = judged.evidence.iter().map(|shown| shown.reading).collect();
        assert_eq!(kinds, [BRUTE_FORCE, SUSPICIOUS_IP, BOTS, BOTS, BOTS]);
        assert_eq!(judged.change, None);
    }

    #[test]
    fn watching_without_blocking_is_no_control() {
        let watching = json!({"enabled": true, "shields": ["user_notification"]});
        let mut bodies = bodies(true, false, "never");
        bodies[0].1 = watching;
        violation(judge(&CHECK, readings(&bodies)));
    }

    #[test]
    fn any_of_the_three_passes() {
        for bodies in [
            bodies(true, false, "never"),
            bodies(false, true, "never"),
            bodies(false, false, "always"),
        ] {
            assert_eq!(judge(&CHECK, readings(&bodies)), PASS);
        }
    }

    #[test]
    fn a_plan_without_bot_detection_is_no_bot_control_and_any_other_gap_is_unknown() {
        for (reason, fails) in
            [(UnknownReason::PlanUnavailable, true), (UnknownReason::RateLimited, false)]
        {
            let mut tenant = readings(&bodies(false, false, "never"));
            tenant.insert(BOTS, Outcome::Unreadable { reason, message: String::new() });
            match judge(&CHECK, tenant) {
                Ok(Verdict::Fail(violation)) => {
                    assert!(fails);
                    assert_eq!(violation.evidence[2].found, json!("plan_unavailable"));
                }
                other => assert_eq!((fails, other), (false, Err(Inconclusive::Unknown(reason)))),
            }
        }
        for gap in 0..3 {
            let mut bodies = bodies(true, true, "always");
            bodies.remove(gap);
            assert!(matches!(judge(&CHECK, readings(&bodies)), Err(Inconclusive::Unknown(_))));
        }
    }
}
