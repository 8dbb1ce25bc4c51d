//! STA-01: leaked passwords are used, and logins with them are not blocked.

use super::{KIND, RESOURCE, window};
use crate::checks::breached_password::login_not_blocked;
use crate::checks::prelude::*;
use crate::checks::three_valued::{self, Failing};

/// The window (specification, STA-01).
const DAYS: usize = 30;

const MAX_USES: Threshold = Threshold {
    check: "breached-credentials-in-use",
    name: "max_uses",
    title: "Fails when leaked passwords were used in 30 days more often than",
    unit: "uses",
    default: 0,
    min: 0,
    max: 1_000_000,
    not_above: None,
    source: "Specification, STA-01.",
};

pub const CHECK: Check = Check {
    id: "breached-credentials-in-use",
    version: 1,
    title: "Breached credentials are used while they are not blocked",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    risk: "Somebody logged in, or tried to, with passwords that are public, and nothing stopped \
           it: some of those accounts are probably taken over.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::BreachedPasswordDetection],
    parents: &[],
    remediation: &super::remediation(
        "Security > Attack Protection > Breached Password Detection",
        &[
            "Switch on the blocking of logins with breached passwords.",
            "Find the accounts in the tenant log (events of type pwd_leak).",
            "Force a password reset for each of them and look at what was done with it since.",
        ],
    ),
    controls: &[&sets::STATISTICS, &sets::BREACHED_PASSWORD],
    thresholds: &[&MAX_USES],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    three_valued::all_read(tenant, CHECK.reads)?;
    let most = terms.value_of(&MAX_USES);
    let used = window::sum(tenant.read()?, tenant.observed_at, DAYS, |day| &day.leaked_passwords);
    let used = used.map_err(|_| UnknownReason::NotUnderstood).map(|used| {
        let found = json!({"leaked_passwords_30_days": used});
        let expected = json!({"leaked_passwords_30_days": {"at_most": most}});
        (used > most).then(|| Failing {
            evidence: super::aggregates(CHECK.severity, found, expected).evidence,
            confidence: CHECK.confidence,
        })
    });
    match three_valued::all_wrong([used, login_not_blocked(tenant, terms)])
        .map_err(Inconclusive::Unknown)?
    {
        Some(Failing { evidence, .. }) => {
            Violation::from_evidence(CHECK.severity, evidence).into_failure()
        }
        None => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, judge, readings, unknown, violation};

    fn with(figures: &[(&str, u64)], shields: &[&str]) -> Judgement {
        let detection = json!({"enabled": true, "shields": shields});
        judge(
            &CHECK,
            readings(&[(KIND, rows(figures)), (ReadingKind::BreachedPasswordDetection, detection)]),
        )
    }

    fn rows(figures: &[(&str, u64)]) -> serde_json::Value {
        figures
            .iter()
            .map(
                |(date, n)| json!({"date": format!("{date}T00:00:00.000Z"), "leaked_passwords": n}),
            )
            .collect()
    }

    #[test]
    fn one_use_in_thirty_days_without_a_block_fails_with_both_parts() {
        let judged = violation(with(&[("2026-05-16", 1)], &["user_notification"]));
        assert_eq!(judged.evidence[0].found, json!({"leaked_passwords_30_days": 1}));
        assert_eq!(judged.evidence[1].pointer, "/shields");
        assert_eq!((judged.severity, judged.change), (Severity::Critical, None));
    }

    #[test]
    fn a_use_before_that_or_today_or_none_passes() {
        assert_eq!(with(&[("2026-05-15", 9), ("2026-06-15", 9)], &["user_notification"]), PASS);
        assert_eq!(with(&[], &["a_new_shield"]), PASS);
    }

    #[test]
    fn a_block_passes_whatever_the_figures_are() {
        assert_eq!(with(&[("2026-06-14", 100)], &["block"]), PASS);
    }

    #[test]
    fn what_is_missing_new_or_unread_is_unknown() {
        assert_eq!(with(&[("2026-06-14", 1)], &["a_new_shield"]), unknown());
        let unread = judge(&CHECK, readings(&[(KIND, rows(&[]))]));
        assert!(matches!(unread, Err(Inconclusive::Unknown(_))));
        let no_figure = readings(&[
            (KIND, json!([{"date": "2026-06-14T00:00:00.000Z"}])),
            (ReadingKind::BreachedPasswordDetection, json!({"enabled": false})),
        ]);
        assert_eq!(judge(&CHECK, no_figure), unknown());
    }
}
