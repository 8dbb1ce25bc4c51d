//! Controls of a check by framework, in the terms of other formats: standards and requirements, CIS controls, MITRE
//! ATT&CK techniques. Sorted, without duplicates.

use std::collections::BTreeSet;

use crate::attack_techniques::Technique;
use crate::checks::{Check, ControlSet};

/// Controls of one framework.
type Listed = fn(&ControlSet) -> &'static [&'static str];

/// The frameworks by the names of their standards.
const STANDARDS: [(&str, Listed); 7] = [
    ("NIST SP 800-53 Rev. 5", |set| set.nist_800_53),
    ("NIST SP 800-63B", |set| set.nist_800_63b),
    ("OWASP ASVS 5.0", |set| set.owasp_asvs),
    ("CIS Controls v8", |set| set.cis_v8),
    ("ISO/IEC 27001:2022", |set| set.iso_27001),
    ("SOC 2", |set| set.soc_2),
    ("PCI DSS 4.0", |set| set.pci_dss),
];

fn merged(check: &Check, listed: Listed) -> BTreeSet<&'static str> {
    check.controls.iter().flat_map(|set| listed(set).iter().copied()).collect()
}

/// Each control with its standard, such as `("SOC 2", "CC6.1")`.
pub fn by_standard(check: &'static Check) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = STANDARDS.into_iter();
    all.flat_map(|(standard, listed)| {
        merged(check, listed).into_iter().map(move |control| (standard, control))
    })
}

/// The same as texts, such as `SOC 2 CC6.1`.
pub fn requirements(check: &'static Check) -> Vec<String> {
    by_standard(check).map(|(standard, control)| format!("{standard} {control}")).collect()
}

/// CIS controls by number; their names are not stored.
pub fn cis_numbers(check: &'static Check) -> BTreeSet<&'static str> {
    merged(check, |set| set.cis_v8)
}

/// The techniques of ATT&CK and the automated threats that the check counters.
pub fn techniques(check: &'static Check) -> Vec<&'static Technique> {
    merged(check, |set| set.attack).into_iter().filter_map(Technique::find).collect()
}

/// Whether the check only concerns who notices an attack: its NIST controls are those of auditing, incident response
/// and monitoring.
pub fn is_detection(check: &'static Check) -> bool {
    const FAMILIES: [&str; 4] = ["AC-2(", "AU-", "IR-", "SI-4"];
    let controls = merged(check, |set| set.nist_800_53);
    controls.iter().all(|control| FAMILIES.iter().any(|family| control.starts_with(family)))
}
