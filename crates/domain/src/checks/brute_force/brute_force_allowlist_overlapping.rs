//! BFP-12: the allowlist has entries that mean nothing of their own.

use super::{KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-allowlist-overlapping",
    version: 1,
    title: "The brute-force protection allowlist has duplicate, overlapping or malformed entries",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "A list that nobody can read hides the entry that exempts an attacker, and removing one \
           of two overlapping entries changes nothing.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Remove the listed entries: another entry covers each of them, or they are no \
         addresses.",
        "Save.",
    ]),
    controls: &[&sets::ALW],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    allowlist::untidy::<BruteForceProtection>(tenant, CHECK.severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(allowlist: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"allowlist": allowlist})))
    }

    #[test]
    fn repeated_covered_and_malformed_entries_fail_and_the_mend_exempts_the_same() {
        let judged = with(&["8.8.8.0/24", "8.8.8.8", "1.1.1.1", "1.1.1.1", "everything"]);
        assert_eq!(evidence(judged.clone()).1, json!(["1.1.1.1", "8.8.8.8", "everything"]));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"allowlist": ["1.1.1.1", "8.8.8.0/24"]}));
        assert_eq!(undo["allowlist"].as_array().map(Vec::len), Some(5));
    }

    #[test]
    fn separate_entries_pass() {
        assert_eq!(with(&["8.8.8.0/24", "8.8.9.0/24", "2600::1"]), PASS);
        assert_eq!(with(&[]), PASS);
    }

    #[test]
    fn an_absent_list_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
