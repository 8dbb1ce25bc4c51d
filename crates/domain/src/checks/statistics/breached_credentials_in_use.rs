//! STA-01: leaked passwords are used, and logins with them are not blocked.

use super::{KIND, RESOURCE};
use crate::checks::breached_password::login_not_blocked;
use crate::checks::prelude::*;
use crate::checks::unknown::{self, Failing};
use crate::checks::window;

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
    )
    .with_side_effects(SideEffects::on_users(
        "Users whose password is in a known breach have to choose another one.",
    )),
    controls: &[&sets::STATISTICS, &sets::BREACHED_PASSWORD],
    thresholds: &[&MAX_USES],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
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
    match unknown::all_wrong([used, login_not_blocked(tenant, terms)])
        .map_err(Inconclusive::Unknown)?
    {
        Some(Failing { evidence, .. }) => {
            Violation::from_evidence(CHECK.severity, evidence).into_failure()
        }
        None => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK with super::super::days;
    one_use_in_thirty_days_without_a_block_fails_with_both_parts {
        {"": (days("leaked_passwords", &[("2026-05-16", 1)])),
            "breached_password_detection/shields": ["user_notification"]} => fails {"severity": "critical",
            "found/0": {"leaked_passwords_30_days": 1}, "at/1": "/shields", "fix": null};
    }
    a_use_before_that_or_today_or_none_passes_and_so_does_a_block {
        {"": (days("leaked_passwords", &[("2026-05-15", 9), ("2026-06-15", 9)])),
            "breached_password_detection/shields": ["user_notification"]} => passes;
        {"": [], "breached_password_detection/shields": ["a_new_shield"]} => passes;
        {"": (days("leaked_passwords", &[("2026-06-14", 100)])),
            "breached_password_detection/shields": ["block"]} => passes;
    }
    what_is_missing_or_new_is_unknown {
        {"": (days("leaked_passwords", &[("2026-06-14", 1)])),
            "breached_password_detection/shields": ["a_new_shield"]} => unknown;
        {"": [{"date": "2026-06-14T00:00:00.000Z"}], "breached_password_detection/enabled": false} => unknown;
    }
}
