//! SIP-12: the list has addresses that no client on the Internet has.

use super::{KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;
use crate::readings::SuspiciousIpThrottling;

pub const CHECK: Check = Check {
    id: "suspicious-ip-allowlist-non-public-address",
    version: 2,
    title: "An entry of the suspicious IP throttling allowlist is not a public address",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "No client comes from such an address, so the entry is useless; if a proxy of yours \
           shows it for everybody, nobody is throttled.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Check whether a proxy in front of Auth0 shows this address for its clients; if so, \
         make it forward theirs.",
        "Remove the entry.",
        "Save.",
    ]),
    controls: &[&sets::ALW],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    allowlist::non_public::<SuspiciousIpThrottling>(tenant, CHECK.severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(allowlist: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"allowlist": allowlist})))
    }

    #[test]
    fn special_addresses_are_named_and_the_mend_leaves_the_others() {
        let judged = with(&["8.8.8.8", "192.168.0.1", "::ffff:10.0.0.1"]);
        let (_, found, _) = evidence(judged.clone());
        assert_eq!(found, json!(["192.168.0.1", "::ffff:10.0.0.1"]));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"allowlist": ["8.8.8.8"]}));
        assert_eq!(undo, json!({"allowlist": ["192.168.0.1", "8.8.8.8", "::ffff:10.0.0.1"]}));
    }

    #[test]
    fn public_entries_pass() {
        assert_eq!(with(&["8.8.8.8", "2606:4700::/48", "0.0.0.0/0"]), PASS);
    }

    #[test]
    fn an_entry_that_is_not_understood_leaves_unknown_what_no_other_entry_fails() {
        for entry in ["0.0.0.0-255.255.255.255", "localhost"] {
            assert_eq!(with(&["8.8.8.8", entry]), unknown(), "{entry}");
            assert_eq!(evidence(with(&[entry, "10.0.0.1"])).1, json!(["10.0.0.1"]));
        }
    }

    #[test]
    fn an_absent_list_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
