//! CMB-05: many users are protected by what Auth0 ships.

use super::RESOURCE;
use crate::checks::bot_detection::{bot_detection_off, some_challenged};
use crate::checks::brute_force::brute_force_distributed_guessing_not_counted;
use crate::checks::mfa::mfa_never_required;
use crate::checks::prelude::*;
use crate::checks::suspicious_ip::suspicious_ip_signup_rate_loosest;
use crate::checks::three_valued::{self, Failing};
use crate::readings::{
    ActiveUsers, BotDetection, BotLevel, BruteForceMode, BruteForceProtection, Count, Field,
    MfaPolicies, Shield, SuspiciousIpStages, SuspiciousIpThrottling, Throttle,
};

const MIN_USERS: Threshold = Threshold {
    check: "large-user-base-on-default-protection",
    name: "min_users",
    title: "Fails from so many users on",
    unit: "active users",
    default: 10_000,
    min: 1,
    max: 1_000_000_000,
    not_above: None,
    source: "Specification, CMB-05: so many accounts are worth an attack.",
};

const DEFAULTS: [&Check; 4] = [
    &brute_force_distributed_guessing_not_counted::CHECK,
    &suspicious_ip_signup_rate_loosest::CHECK,
    &bot_detection_off::CHECK,
    &mfa_never_required::CHECK,
];

pub const CHECK: Check = Check {
    id: "large-user-base-on-default-protection",
    version: 2,
    title: "A large user base is on default protection",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    risk: "A tenant with that many accounts is worth attacking, and its protections are the ones \
           that every attacker has tried at home.",
    resource: RESOURCE,
    reads: &[
        ReadingKind::ActiveUsers,
        ReadingKind::BruteForceProtection,
        ReadingKind::SuspiciousIpThrottling,
        ReadingKind::BotDetection,
        ReadingKind::MfaPolicies,
    ],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Brute-force Protection, count failures per user from any address (Account \
         Lockout).",
        "Challenge bots When Risky, and slow signups down under Suspicious IP Throttling.",
        "Under Security > Multi-factor Auth, require MFA.",
    ]),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[&MIN_USERS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    three_valued::all_read(tenant, CHECK.reads)?;
    let ActiveUsers(users) = tenant.read()?;
    let many = terms.value_of(&MIN_USERS);
    let on_defaults = brute_force(tenant.read()?)
        .into_iter()
        .chain(suspicious_ip(tenant.read()?))
        .chain(bots(tenant.read()?))
        .chain([Ok(users.0 >= many), tenant.read::<MfaPolicies>()?.0.is_empty()]);
    if !three_valued::all(on_defaults)? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtMost(many - 1);
    let many = Violation::at(tenant, CHECK.severity, ReadingKind::ActiveUsers, "", &expected);
    let mut wrong = Failing { evidence: many.evidence, confidence: Confidence::High };
    // Each of the defaults is a finding of its own.
    for check in DEFAULTS {
        if let Ok(Some(part)) = three_valued::part(check, tenant, terms) {
            wrong.evidence.extend(part.evidence);
            wrong.confidence = wrong.confidence.min(part.confidence);
        }
    }
    super::of_parts(&CHECK, wrong).into_failure()
}

// Defaults as recorded on untouched tenants. Notifications and allowlists are left out:
// they do not make the protection itself stronger or weaker than the default.

fn brute_force(it: &BruteForceProtection) -> Vec<Result<bool, Inconclusive>> {
    vec![
        it.enabled.known().copied(),
        it.shields.known().and_then(|shields| shields.has(&Shield::Block)),
        it.mode.known().map(|mode| *mode == BruteForceMode::CountPerIdentifierAndIp),
        is(&it.max_attempts, 10),
    ]
}

fn suspicious_ip(it: &SuspiciousIpThrottling) -> Vec<Result<bool, Inconclusive>> {
    let stage = |pick: fn(&SuspiciousIpStages) -> &Field<Throttle>, attempts, rate_ms| {
        let throttle = it.stage.known().and_then(|stages| pick(stages).known());
        [
            throttle.and_then(|throttle| is(&throttle.max_attempts, attempts)),
            throttle.and_then(|throttle| is(&throttle.rate, rate_ms)),
        ]
    };
    let mut all = vec![
        it.enabled.known().copied(),
        it.shields.known().and_then(|shields| shields.has(&Shield::Block)),
    ];
    all.extend(stage(|stages| &stages.pre_login, 100, 864_000));
    all.extend(stage(|stages| &stages.pre_user_registration, 50, 1_200));
    all
}

fn bots(it: &BotDetection) -> Vec<Result<bool, Inconclusive>> {
    vec![
        some_challenged(it).map(|challenged| !challenged),
        it.bot_detection_level.known().map(|level| *level == BotLevel::Medium),
        it.monitoring_mode_enabled.known().map(|monitoring| !monitoring),
    ]
}

fn is(field: &Field<Count>, default: u64) -> Result<bool, Inconclusive> {
    field.known().map(|n| n.0 == default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, judge, readings, unknown, violation};
    use serde_json::Value;

    fn bodies(users: u64) -> Vec<(ReadingKind, Value)> {
        let throttle = |attempts, rate| json!({"max_attempts": attempts, "rate": rate});
        vec![
            (ReadingKind::ActiveUsers, json!(users)),
            (
                ReadingKind::BruteForceProtection,
                json!({"enabled": true, "shields": ["block"], "max_attempts": 10,
                    "mode": "count_per_identifier_and_ip"}),
            ),
            (
                ReadingKind::SuspiciousIpThrottling,
                json!({"enabled": true, "shields": ["block"], "stage": {
                    "pre-login": throttle(100, 864_000), "pre-user-registration": throttle(50, 1_200)}}),
            ),
            (
                ReadingKind::BotDetection,
                json!({"challenge_password_policy": "never", "challenge_passwordless_policy": "never",
                    "challenge_password_reset_policy": "never", "bot_detection_level": "medium",
                    "monitoring_mode_enabled": false}),
            ),
            (ReadingKind::MfaPolicies, json!([])),
        ]
    }

    #[test]
    fn ten_thousand_users_on_defaults_fail_with_the_evidence_of_each() {
        assert_eq!(judge(&CHECK, readings(&bodies(9_999))), PASS);
        let judged = violation(judge(&CHECK, readings(&bodies(10_000))));
        assert_eq!(judged.evidence[0].found, json!(10_000));
        assert_eq!((judged.evidence.len(), judged.confidence), (1 + 1 + 1 + 3 + 1, None));
    }

    #[test]
    fn any_setting_that_is_not_the_default_passes() {
        for (index, pointer, value) in [
            (1, "/mode", json!("count_per_identifier")),
            (1, "/max_attempts", json!(9)),
            (2, "/stage/pre-login/rate", json!(864_001)),
            (2, "/stage/pre-user-registration/max_attempts", json!(49)),
            (3, "/challenge_password_policy", json!("when_risky")),
            (3, "/bot_detection_level", json!("high")),
        ] {
            let mut bodies = bodies(10_000);
            *bodies[index].1.pointer_mut(pointer).unwrap() = value;
            assert_eq!(judge(&CHECK, readings(&bodies)), PASS, "{pointer}");
        }
        let mut bodies = bodies(10_000);
        bodies[4].1 = json!(["all-applications"]);
        assert_eq!(judge(&CHECK, readings(&bodies)), PASS);
    }

    #[test]
    fn what_is_missing_new_or_unread_is_unknown() {
        for (index, pointer) in
            [(1, "/mode"), (2, "/stage/pre-login/rate"), (3, "/bot_detection_level")]
        {
            let mut bodies = bodies(10_000);
            *bodies[index].1.pointer_mut(pointer).unwrap() = json!("something new");
            assert_eq!(judge(&CHECK, readings(&bodies)), unknown(), "{pointer}");
        }
        for gap in 0..5 {
            let mut bodies = bodies(10);
            bodies.remove(gap);
            assert!(matches!(judge(&CHECK, readings(&bodies)), Err(Inconclusive::Unknown(_))));
        }
    }
}
