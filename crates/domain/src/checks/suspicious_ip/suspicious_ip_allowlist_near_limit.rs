//! SIP-13: the allowlist is nearly full.

use super::{KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;
use crate::readings::SuspiciousIpThrottling;

const MANY_ENTRIES: Threshold = Threshold {
    check: "suspicious-ip-allowlist-near-limit",
    name: "many_entries",
    title: "Fails from so many entries on",
    unit: "entries",
    default: 80,
    min: 1,
    max: 100,
    not_above: None,
    source: "Specification, SIP-13: four fifths of the 100 that Auth0 takes.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-allowlist-near-limit",
    version: 1,
    title: "The suspicious IP throttling allowlist is near its limit",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Auth0 takes 100 entries: soon none can be added in an emergency, and a list of that \
           length is no longer reviewed by anybody.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask who owns each entry, what it is for and until when.",
        "Remove what nobody answers for, and join neighbouring addresses that belong \
         together.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::ALW],
    thresholds: &[&MANY_ENTRIES],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let list = tenant.read::<SuspiciousIpThrottling>()?.allowlist.known()?;
    if (list.len() as u64) < terms.value_of(&MANY_ENTRIES) {
        return Ok(Verdict::Pass);
    }
    // Which entries can go is for people to say, so no change is computed.
    let entries: Vec<&str> = list.iter().collect();
    allowlist::offending(KIND, CHECK.severity, &entries).into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, judge, reading, unknown, violation};

    fn with(entries: usize) -> Judgement {
        let list: Vec<String> = (0..entries).map(|last| format!("8.8.8.{last}")).collect();
        judge(&CHECK, reading(KIND, json!({"allowlist": list})))
    }

    #[test]
    fn eighty_entries_fail_without_a_computed_change() {
        let judged = violation(with(80));
        assert_eq!(judged.evidence[0].found.as_array().map(Vec::len), Some(80));
        assert_eq!(judged.change, None);
    }

    #[test]
    fn seventy_nine_pass() {
        assert_eq!(with(79), PASS);
    }

    #[test]
    fn an_absent_list_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
