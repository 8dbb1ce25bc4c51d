//! BFP-10: whole networks are exempt from brute-force protection.

use super::{KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

const ID: &str = "brute-force-allowlist-too-broad";
const BROAD: [Threshold; 2] = allowlist::broad(ID);
const CRITICAL: [Threshold; 2] = allowlist::critical(ID, &BROAD);

pub const CHECK: Check = Check {
    id: ID,
    version: 2,
    title: "An entry of the brute-force protection allowlist is far too broad",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "A network of that size holds thousands of strangers' addresses, and an attacker who \
           rents one of them is never blocked.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find out which addresses inside the listed network are really needed.",
        "Replace the network by those addresses, or remove it.",
        "Save.",
    ]),
    controls: &[&sets::ALW],
    thresholds: &[&BROAD[0], &BROAD[1], &CRITICAL[0], &CRITICAL[1]],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    allowlist::too_broad::<BruteForceProtection>(tenant, terms, &BROAD, &CRITICAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, severity, unknown};

    fn with(allowlist: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"allowlist": allowlist})))
    }

    #[test]
    fn broad_entries_are_named_and_the_mend_leaves_the_others() {
        let judged = with(&["8.8.8.0/23", "8.8.8.8", "2600::/40"]);
        let (_, found, expected) = evidence(judged.clone());
        assert_eq!((found, expected), (json!(["2600::/40", "8.8.8.0/23"]), json!([])));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"allowlist": ["8.8.8.8"]}));
        assert_eq!(undo, json!({"allowlist": ["2600::/40", "8.8.8.0/23", "8.8.8.8"]}));
    }

    #[test]
    fn the_worst_entry_gives_the_severity() {
        assert_eq!(severity(with(&["8.8.8.0/23", "2600::/47"])), Severity::High);
        assert_eq!(severity(with(&["8.0.0.0/9"])), Severity::High);
        assert_eq!(severity(with(&["8.8.8.0/23", "8.0.0.0/8"])), Severity::Critical);
        assert_eq!(severity(with(&["::/0"])), Severity::Critical);
    }

    #[test]
    fn sites_pass() {
        assert_eq!(with(&["8.8.8.0/24", "2600::/48"]), PASS);
    }

    #[test]
    fn an_entry_that_is_not_understood_leaves_unknown_what_no_other_entry_fails() {
        for entry in ["0.0.0.0-255.255.255.255", "gateway.acme.example", "*", "8.8.8.8/99"] {
            assert_eq!(with(&["8.8.8.8", entry]), unknown(), "{entry}");
            assert_eq!(evidence(with(&[entry, "8.0.0.0/8"])).1, json!(["8.0.0.0/8"]));
        }
    }

    #[test]
    fn an_absent_list_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
