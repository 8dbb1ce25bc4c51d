//! Controls of a check in the terms of the schema: standards and requirements, CIS controls, MITRE ATT&CK
//! techniques. Sorted, without duplicates.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::checks::{Check, ControlSet};

/// Controls of one framework.
type Listed = fn(&ControlSet) -> &'static [&'static str];

/// The frameworks as the schema's `standards` names them.
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

/// Standards with their requirements, such as `SOC 2 CC6.1`.
pub fn requirements(check: &'static Check) -> (Vec<&'static str>, Vec<String>) {
    let all = STANDARDS.map(|(standard, listed)| (standard, merged(check, listed)));
    let standards = all.iter().filter(|(_, controls)| !controls.is_empty());
    let requirements = all.iter().flat_map(|(standard, controls)| {
        controls.iter().map(move |control| format!("{standard} {control}"))
    });
    (standards.map(|(standard, _)| *standard).collect(), requirements.collect())
}

/// Controls by number; their names are not stored.
pub fn cis_controls(check: &'static Check) -> Vec<Value> {
    let numbers = merged(check, |set| set.cis_v8).into_iter();
    numbers.map(|number| json!({"name": number, "version": "v8"})).collect()
}

/// Techniques; sub-techniques with their parent.
pub fn attacks(check: &'static Check) -> Vec<Value> {
    let techniques = merged(check, |set| set.attack).into_iter();
    techniques.filter(|name| name.starts_with('T')).map(attack).collect()
}

fn attack(name: &str) -> Value {
    let at = |path: &str| format!("https://attack.mitre.org/techniques/{path}/");
    let (technique, below) = name.split_once('.').unwrap_or((name, ""));
    let mut attack = json!({"technique": {"uid": technique, "src_url": at(technique)}});
    if !below.is_empty() {
        let src_url = at(&format!("{technique}/{below}"));
        attack["sub_technique"] = json!({"uid": name, "src_url": src_url});
    }
    attack
}

/// OWASP Automated Threats, which the schema has no place for.
pub fn automated_threats(check: &'static Check) -> Vec<&'static str> {
    let all = merged(check, |set| set.attack).into_iter();
    all.filter(|name| name.starts_with("OAT-")).collect()
}
