//! STA-03: far more signups on a day than usual.

use super::{KIND, RESOURCE};
use crate::checks::bot_detection::{
    bot_detection_off, bot_detection_password_login_not_challenged,
    bot_detection_password_reset_not_challenged, bot_detection_passwordless_not_challenged,
};
use crate::checks::prelude::*;
use crate::checks::suspicious_ip::{
    suspicious_ip_not_throttled, suspicious_ip_signup_threshold_high,
    suspicious_ip_throttling_monitoring_only, suspicious_ip_throttling_off,
};
use crate::checks::{signups, unknown};

pub const CHECK: Check = Check {
    id: "signup-spike",
    version: 1,
    title: "A spike of signups",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    risk: "A program creates accounts in bulk: for spam, for free trials, or to hide attacks \
           among them.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Monitoring > Logs",
        &[
            "Look at the addresses, e-mail domains and applications of the signups of that day.",
            "Delete or block the accounts that are fake.",
            "Challenge signups with bot detection, and lower the signup thresholds of suspicious \
             IP throttling.",
        ],
    ),
    controls: &[&sets::STATISTICS, &sets::BOT_DETECTION],
    thresholds: signups::THRESHOLDS,
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let days = signups::read(tenant, terms)?;
    if !days.have_spiked() {
        return Ok(Verdict::Pass);
    }
    let found = json!({"signups_highest_day_of_7": days.most});
    let expected = json!({"signups_highest_day_of_7": {"at_most": days.bound}});
    let [severity, at_worst] = severity(tenant, terms);
    super::aggregates(severity, found, expected).or_worse(at_worst).into_failure()
}

/// Worse if signups are not restrained. If that is unknown, the lower severity applies, and the higher one is the
/// highest possible.
fn severity(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> [Severity; 2] {
    let weaknesses = [
        &suspicious_ip_throttling_off::CHECK,
        &suspicious_ip_throttling_monitoring_only::CHECK,
        &suspicious_ip_not_throttled::CHECK,
        &bot_detection_off::CHECK,
        &bot_detection_password_login_not_challenged::CHECK,
        &bot_detection_passwordless_not_challenged::CHECK,
        &bot_detection_password_reset_not_challenged::CHECK,
        &suspicious_ip_signup_threshold_high::CHECK,
    ];
    let weak = weaknesses.map(|check| unknown::fails(check, tenant, terms));
    unknown::aggravated([CHECK.severity, Severity::High], &weak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge, reading, readings, unknown, violation};

    fn with(figures: &[(&str, u64)]) -> Judgement {
        judge(&CHECK, reading(KIND, rows(figures)))
    }

    fn rows(figures: &[(&str, u64)]) -> serde_json::Value {
        super::super::days("signups", figures)
    }

    #[test]
    fn more_than_twenty_a_day_in_a_quiet_tenant_fail() {
        assert_eq!(with(&[("2026-06-14", 20)]), PASS);
        assert_eq!(with(&[("2026-06-07", 500)]), PASS);
        let judged = with(&[("2026-06-08", 21), ("2026-06-14", 3)]);
        let (_, found, expected) = evidence(judged.clone());
        assert_eq!(found, json!({"signups_highest_day_of_7": 21}));
        assert_eq!(expected, json!({"signups_highest_day_of_7": {"at_most": 20}}));
        assert_eq!(
            (violation(judged.clone()).severity, violation(judged).change),
            (Severity::Medium, None)
        );
    }

    #[test]
    fn an_open_door_makes_it_high_and_an_unread_one_does_not() {
        let severity_with = |kind, body| {
            let tenant = readings(&[(KIND, rows(&[("2026-06-14", 900)])), (kind, body)]);
            violation(judge(&CHECK, tenant)).severity
        };
        let sip = ReadingKind::SuspiciousIpThrottling;
        assert_eq!(severity_with(sip, json!({"enabled": false})), Severity::High);
        assert_eq!(
            severity_with(sip, json!({"enabled": true, "shields": ["block"]})),
            Severity::Medium
        );
        let loose = json!({"stage": {"pre-user-registration": {"max_attempts": 51}}});
        assert_eq!(severity_with(sip, loose), Severity::High);
        let bots = json!({"challenge_passwordless_policy": "never"});
        assert_eq!(severity_with(ReadingKind::BotDetection, bots), Severity::High);
    }

    #[test]
    fn a_missing_figure_in_the_window_is_unknown() {
        let inside = json!([{"date": "2026-05-11T00:00:00.000Z"}]);
        assert_eq!(judge(&CHECK, reading(KIND, inside)), unknown());
        let before = json!([{"date": "2026-05-10T00:00:00.000Z"}]);
        assert_eq!(judge(&CHECK, reading(KIND, before)), PASS);
    }
}
