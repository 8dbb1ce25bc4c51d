//! CMB-05: many users have only Auth0's default protection.

use super::RESOURCE;
use crate::checks::bot_detection::{bot_detection_off, some_challenged};
use crate::checks::brute_force::brute_force_distributed_guessing_not_counted;
use crate::checks::mfa::mfa_never_required;
use crate::checks::prelude::*;
use crate::checks::suspicious_ip::suspicious_ip_signup_rate_loosest;
use crate::checks::unknown::{self, Failing};
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
    unknown::all_read(tenant, CHECK.reads)?;
    let ActiveUsers(users) = tenant.read()?;
    let many = terms.value_of(&MIN_USERS);
    let on_defaults = brute_force(tenant.read()?)
        .into_iter()
        .chain(suspicious_ip(tenant.read()?))
        .chain(bots(tenant.read()?))
        .chain([Ok(users.0 >= many), tenant.read::<MfaPolicies>()?.0.is_empty()]);
    if !unknown::all(on_defaults)? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtMost(many - 1);
    let many = Violation::at(tenant, CHECK.severity, ReadingKind::ActiveUsers, "", &expected);
    let mut wrong = Failing { evidence: many.evidence, confidence: Confidence::High };
    // Each default is a finding itself.
    for check in DEFAULTS {
        if let Ok(Some(part)) = unknown::part(check, tenant, terms) {
            wrong.evidence.extend(part.evidence);
            wrong.confidence = wrong.confidence.min(part.confidence);
        }
    }
    super::of_parts(&CHECK, wrong).into_failure()
}

// Defaults as recorded on new tenants. Without notifications and allowlists, which do not affect the strength of the
// protection.

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

/// Users on Auth0's defaults, with one setting at another value.
#[cfg(test)]
fn by_default(users: u64, setting: &str, value: serde_json::Value) -> serde_json::Value {
    let mut all = json!({
        "active_users": users, "brute_force_protection/mode": "count_per_identifier_and_ip",
        "suspicious_ip_throttling/stage/pre-user-registration/rate": 1_200, "mfa_policies": [],
        "bot_detection/challenge_password_policy": "never",
        "bot_detection/challenge_passwordless_policy": "never",
        "bot_detection/challenge_password_reset_policy": "never",
    });
    if !setting.is_empty() {
        all[setting] = value;
    }
    all
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    ten_thousand_users_on_defaults_fail_with_the_evidence_of_each {
        (by_default(9_999, "", json!(null))) => passes;
        (by_default(10_000, "", json!(null))) => fails {"count": 7, "found/0": 10_000, "confidence": "high"};
    }
    any_setting_that_is_not_the_default_passes {
        (by_default(10_000, "brute_force_protection/mode", json!("count_per_identifier"))),
        (by_default(10_000, "brute_force_protection/max_attempts", json!(9))),
        (by_default(10_000, "suspicious_ip_throttling/stage/pre-login/rate", json!(864_001))),
        (by_default(10_000, "suspicious_ip_throttling/stage/pre-user-registration/max_attempts", json!(49))),
        (by_default(10_000, "bot_detection/challenge_password_policy", json!("when_risky"))),
        (by_default(10_000, "bot_detection/bot_detection_level", json!("high"))),
        (by_default(10_000, "mfa_policies", json!(["all-applications"]))) => passes;
    }
    what_is_new_is_unknown {
        (by_default(10_000, "brute_force_protection/mode", json!("something new"))),
        (by_default(10_000, "suspicious_ip_throttling/stage/pre-login/rate", json!("something new"))),
        (by_default(10_000, "bot_detection/bot_detection_level", json!("something new"))) => unknown;
    }
}
