//! BFP-07: guessing from many addresses is not counted together.

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
    ]),
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
    // Few attempts counted over all addresses would be the next finding.
    let attempts = protection.max_attempts.ok();
    let least = terms.value_of(&brute_force_lockout_abusable::MIN_ATTEMPTS);
    let is_abusable = attempts.is_some_and(|n| n.0 < least);
    Violation::at(tenant, CHECK.severity, KIND, "/mode", &expected)
        .fixed_by(if is_abusable { mode.with(super::good_threshold(tenant, terms)) } else { mode })
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, feature_off, judge, reading};

    fn with(mode: &str, max_attempts: u64) -> Judgement {
        let body = json!({"enabled": true, "mode": mode, "max_attempts": max_attempts});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn counting_per_address_fails() {
        let judged = with("count_per_identifier_and_ip", 10);
        assert_eq!(evidence(judged.clone()).2, json!("count_per_identifier"));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"mode": "count_per_identifier"}));
        assert_eq!(undo, json!({"mode": "count_per_identifier_and_ip"}));
    }

    #[test]
    fn the_fix_does_not_make_lock_outs_easy() {
        let (body, _) = change(with("count_per_identifier_and_ip", 3));
        assert_eq!(body, json!({"mode": "count_per_identifier", "max_attempts": 10}));
        let (body, _) = change(with("count_per_identifier_and_ip", 4));
        assert_eq!(body, json!({"mode": "count_per_identifier"}));
    }

    #[test]
    fn counting_per_identifier_passes() {
        assert_eq!(with("count_per_identifier", 10), PASS);
    }

    #[test]
    fn off_is_not_applicable() {
        let off = json!({"enabled": false, "mode": "count_per_identifier_and_ip"});
        assert_eq!(judge(&CHECK, reading(KIND, off)), feature_off());
    }
}
