//! BFP-09: addresses are exempt from brute-force protection.

use super::{KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-allowlist-not-empty",
    version: 1,
    title: "The brute-force protection allowlist contains entries",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Attempts from a listed address are never blocked: whoever gets to use it, or sits \
           behind the same gateway, attacks without limit.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask who owns each entry, what it is for and until when.",
        "Remove every entry that nobody answers for.",
        "Save.",
    ]),
    controls: &[&sets::ALW],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    allowlist::not_empty::<BruteForceProtection>(tenant, CHECK.severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(allowlist: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"allowlist": allowlist})))
    }

    #[test]
    fn every_entry_is_named_in_order_and_the_mend_empties_the_list() {
        let judged = with(&["8.8.8.8", "1.1.1.1"]);
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!((pointer.as_str(), expected), ("/allowlist", json!([])));
        assert_eq!(found, json!(["1.1.1.1", "8.8.8.8"]));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"allowlist": []}));
        assert_eq!(undo, json!({"allowlist": ["1.1.1.1", "8.8.8.8"]}));
    }

    #[test]
    fn an_empty_list_passes() {
        assert_eq!(with(&[]), PASS);
    }

    #[test]
    fn an_absent_list_or_another_type_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"allowlist": "8.8.8.8"}))), unknown());
    }
}
