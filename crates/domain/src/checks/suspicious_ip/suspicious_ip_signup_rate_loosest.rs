//! SIP-08: new signups are granted at the highest possible rate.

use super::{KIND, RESOURCE, SIGNUP, suspicious_ip_signup_threshold_high};
use crate::checks::prelude::*;
use crate::checks::{signups, unknown};

const LOOSEST_RATE_MS: Threshold = Threshold {
    check: "suspicious-ip-signup-rate-loosest",
    name: "loosest_rate_ms",
    title: "Fails when a signup is granted again within no more than",
    unit: "ms",
    default: 1200,
    min: 0,
    max: 86_399_999,
    not_above: None,
    source: "Auth0 grants no faster: 72,000 a day, which is also its default.",
};

/// One every 1,728 seconds, 50 a day: the default in Auth0's documentation.
const GOOD_RATE_MS: u64 = 1_728_000;

pub const CHECK: Check = Check {
    id: "suspicious-ip-signup-rate-loosest",
    version: 1,
    title: "Signups are granted again at the loosest rate",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "One address may create 72,000 accounts a day; it is also the default, and it is the \
           limit that fake accounts meet first.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the signup throttling rate to 50 a day, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[&LOOSEST_RATE_MS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

pub fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let loosest = terms.value_of(&LOOSEST_RATE_MS);
    if super::signup(tenant)?.rate.known()?.0 > loosest {
        return Ok(Verdict::Pass);
    }
    let pointer = format!("{SIGNUP}/rate");
    let good = GOOD_RATE_MS.max(loosest + 1);
    let expected = Expected::AtLeast(loosest + 1);
    let [severity, at_worst] = severity(tenant, terms);
    Violation::at(tenant, severity, KIND, &pointer, &expected)
        .or_worse(at_worst)
        .fixed_by(Change::set_members(tenant, KIND, SIGNUP, &[("rate", json!(good))]))
        .into_failure()
}

/// Matters if the burst is loose too, or if signups have spiked. If that is unknown, the lower severity applies, and
/// the higher one is the highest possible.
fn severity(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> [Severity; 2] {
    let aggravating = [
        unknown::fails(&suspicious_ip_signup_threshold_high::CHECK, tenant, terms),
        signups::read(tenant, terms).map(|week| week.have_spiked()),
    ];
    unknown::aggravated([CHECK.severity, Severity::Medium], &aggravating)
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/stage/pre-user-registration/rate";
    the_loosest_rate_is_informative_and_any_slower_one_passes {
        1_200 => fails {"severity": "info", "expected": {"at_least": 1_201},
            "fix": {"stage": {"pre-user-registration": {"max_attempts": 50, "rate": 1_728_000}}},
            "undo": {"stage": {"pre-user-registration": {"max_attempts": 50, "rate": 1_200}}}};
        1_201 => passes;
    }
    with_a_loose_burst_or_a_signup_spike_it_is_medium {
        {"/stage/pre-user-registration": {"max_attempts": 51, "rate": 1_200}},
        {"/stage/pre-user-registration/rate": 1_200,
            "daily_stats": [{"date": "2026-06-14T00:00:00.000Z", "signups": 500}]} => fails {"severity": "medium"};
    }
    what_is_missing_or_mistyped_is_unknown {
        {"/stage/pre-user-registration": {}}, {"/stage/pre-user-registration": {"max_attempts": "x", "rate": "x"}}
            => unknown;
    }
}
