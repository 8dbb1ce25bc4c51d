//! CMB-03: the same addresses are exempt from two or three protections.

use ipnet::IpNet;

use super::RESOURCE;
use crate::checks::allowlist::{self, Allowlist, Ranges};
use crate::checks::prelude::*;
use crate::checks::{bot_detection, brute_force, suspicious_ip, unknown};
use crate::special_purpose_addresses::is_unreachable;

pub const CHECK: Check = Check {
    id: "range-exempt-from-several-protections",
    version: 3,
    title: "The same range is exempt from several protections",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Anyone who attacks from such an address meets neither limit nor challenge: one exempt \
           gateway undoes several protections at once.",
    resource: RESOURCE,
    reads: &[
        ReadingKind::BruteForceProtection,
        ReadingKind::SuspiciousIpThrottling,
        ReadingKind::BotDetection,
    ],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask who owns the listed entries, what they are for and until when.",
        "Remove each from every list but the one where it is needed.",
        "Save.",
    ]),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
    let lists = [brute_force::ALLOWLIST, suspicious_ip::ALLOWLIST, bot_detection::ALLOWLIST];
    let lists = lists.map(|list| exempt(list, tenant));
    let known: Vec<&List> = lists.iter().filter_map(|list| list.as_ref().ok()).collect();
    let mut evidence = Vec::new();
    for list in &known {
        let others = known.iter().filter(|other| other.of.kind != list.of.kind);
        let others = Ranges::new(others.flat_map(|other| &other.networks).map(|(_, net)| *net));
        let shared = list.networks.iter().filter(|(_, net)| others.overlap(net));
        let shared: Vec<&str> = shared.map(|(entry, _)| *entry).collect();
        if !shared.is_empty() {
            evidence.extend(list.of.offending(CHECK.severity, &shared).evidence);
        }
    }
    if !evidence.is_empty() {
        return Violation::from_evidence(CHECK.severity, evidence).into_failure();
    }
    // The known entries share nothing. Unknown ones may, if two lists have entries.
    let empty = known.iter().filter(|list| list.networks.is_empty() && list.gap.is_none()).count();
    let gap =
        lists.iter().find_map(|list| list.as_ref().map_or_else(|e| Some(*e), |list| list.gap));
    match gap {
        Some(unjudged) if empty < 2 => Err(unjudged),
        _ => Ok(Verdict::Pass),
    }
}

/// An allowlist with the networks of its well-formed entries that clients on the Internet can have.
struct List<'a> {
    of: Allowlist,
    networks: Vec<(&'a str, IpNet)>,
    /// Set if there are other entries.
    gap: Option<Inconclusive>,
}

fn exempt(of: Allowlist, tenant: &Tenant) -> Result<List<'_>, Inconclusive> {
    let entries = (of.entries)(tenant)?;
    let mut list = List { of, networks: Vec::new(), gap: None };
    for entry in entries.iter() {
        match allowlist::understood(entry) {
            Ok(network) if is_unreachable(network) => {}
            Ok(network) => list.networks.push((entry, network)),
            Err(unjudged) => list.gap = Some(unjudged),
        }
    }
    Ok(list)
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/allowlist";
    an_entry_within_another_lists_entry_fails_and_both_are_named {
        {"/allowlist": ["8.8.8.0/24", "1.1.1.1"], "suspicious_ip_throttling/allowlist": ["8.8.8.8", "9.9.9.9"],
            "bot_detection/allowlist": ["2600::1"]} => fails {"count": 2, "found": [["8.8.8.0/24"], ["8.8.8.8"]],
            "evidence/0/reading": "brute_force_protection", "evidence/1/reading": "suspicious_ip_throttling"};
        {"/allowlist": ["8.8.8.8"], "bot_detection/allowlist": ["::ffff:8.8.8.8"]} => fails;
    }
    entries_that_no_client_has_exempt_no_one {
        {"/allowlist": ["10.0.0.0/8"], "suspicious_ip_throttling/allowlist": ["10.0.0.1", "8.8.8.8"]} => passes;
    }
    separate_entries_pass {
        {"/allowlist": ["8.8.8.8"], "suspicious_ip_throttling/allowlist": ["8.8.8.9"],
            "bot_detection/allowlist": ["8.8.9.0/24"]} => passes;
    }
    an_entry_that_is_not_understood_leaves_unknown_what_others_do_not_decide {
        {"/allowlist": ["0.0.0.0-255.255.255.255"], "suspicious_ip_throttling/allowlist": ["8.8.8.8"]} => unknown;
        {"/allowlist": ["0.0.0.0-255.255.255.255"],
            "suspicious_ip_throttling/allowlist": ["gateway.acme.example"]} => unknown;
        ["0.0.0.0-255.255.255.255"] => passes;
        {"/allowlist": ["0.0.0.0-255.255.255.255", "8.8.8.8"],
            "suspicious_ip_throttling/allowlist": ["8.8.8.8"]} => fails;
    }
    a_list_that_is_absent_is_unknown_unless_others_decide {
        {"/allowlist": ["8.8.8.8"], "suspicious_ip_throttling/allowlist": ["8.8.8.8"],
            "bot_detection/allowlist": "(absent)"} => fails;
        {"/allowlist": ["8.8.8.8"], "bot_detection/allowlist": "(absent)"} => unknown;
    }
}
