//! BFP-07: failed logins from different addresses are not counted together.

use super::{KIND, RESOURCE, brute_force_lockout_abusable};
use crate::checks::prelude::*;
use crate::readings::{BruteForceMode, BruteForceProtection};

pub const CHECK: Check = Check {
    id: "brute-force-distributed-guessing-not-counted",
    version: 1,
    title: "Attempts are counted per identifier and address only, so distributed guessing is not counted",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "An attacker with many addresses gets the full number of guesses from each of them, all \
           against the same account.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&[
        "Under Detection, choose Account Lockout: count failures per user, from any address.",
        "Weigh it first: a stranger can then lock a user out by failing on purpose (OWASP \
         ASVS 6.1.1 asks for that decision to be written down).",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Wrong passwords from any address count, so someone else can block a user.",
    )),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[],
    evaluate: Condition::OneWithThresholds(evaluate),
};

pub fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    super::PROTECTION.when_on(tenant)?;
    let protection = tenant.read::<BruteForceProtection>()?;
    if *protection.mode.known()? == BruteForceMode::CountPerIdentifier {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::Is(json!("count_per_identifier"));
    let mode = Change::set(tenant, KIND, "/mode", json!("count_per_identifier"));
    // A low threshold over all addresses would be the next finding.
    let attempts = protection.max_attempts.ok();
    let least = terms.value_of(&brute_force_lockout_abusable::MIN_ATTEMPTS);
    let is_abusable = attempts.is_some_and(|n| n.0 < least);
    Violation::at(tenant, CHECK.severity, KIND, "/mode", &expected)
        .fixed_by(if is_abusable { mode.with(super::good_threshold(tenant, terms)) } else { mode })
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/mode";
    counting_per_address_fails_and_per_identifier_passes {
        "count_per_identifier_and_ip" => fails {"expected": "count_per_identifier",
            "fix": {"mode": "count_per_identifier"}, "undo": {"mode": "count_per_identifier_and_ip"}};
        "count_per_identifier" => passes;
        {"/enabled": false, "/mode": "count_per_identifier_and_ip"} => feature_off;
    }
    the_fix_does_not_make_lock_outs_easy {
        {"/mode": "count_per_identifier_and_ip", "/max_attempts": 3}
            => fails {"fix": {"mode": "count_per_identifier", "max_attempts": 10}};
        {"/mode": "count_per_identifier_and_ip", "/max_attempts": 4} => fails {"fix": {"mode": "count_per_identifier"}};
    }
}
