//! Control sets: which controls of which framework a group of checks bears on, and the techniques
//! of MITRE ATT&CK and OWASP Automated Threats that it counters.
//! Sources: NIST SP 800-53 r5, SP 800-63B, OWASP ASVS 5.0, CIS v8.1, ISO/IEC 27001:2022 Annex A,
//! SOC 2 Trust Services Criteria, PCI DSS 4.0.1. Only ASVS was compared with its published text.

/// Controls of each framework.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are the frameworks'")]
pub struct ControlSet {
    pub nist_800_53: &'static [&'static str],
    pub nist_800_63b: &'static [&'static str],
    pub owasp_asvs: &'static [&'static str],
    pub cis_v8: &'static [&'static str],
    pub iso_27001: &'static [&'static str],
    pub soc_2: &'static [&'static str],
    pub pci_dss: &'static [&'static str],
    /// ATT&CK techniques (`T…`) and OWASP automated threats (`OAT-…`).
    pub attack: &'static [&'static str],
}

/// Brute force.
pub const BFP: ControlSet = ControlSet {
    nist_800_53: &["AC-7", "SI-4"],
    nist_800_63b: &["5.2.2"],
    owasp_asvs: &["6.1.1", "6.3.1"],
    cis_v8: &["4.10"],
    iso_27001: &["A.8.5"],
    soc_2: &["CC6.1", "CC6.6", "CC7.2"],
    pci_dss: &["8.3.4"],
    attack: &["T1110.001", "T1110.003", "OAT-007"],
};

/// Bots and automated abuse.
pub const BOT: ControlSet = ControlSet {
    nist_800_53: &["SC-5", "SI-4"],
    nist_800_63b: &["5.2.2"],
    owasp_asvs: &["2.4.1", "6.3.1"],
    cis_v8: &["13.10"],
    iso_27001: &["A.8.16"],
    soc_2: &["CC6.6", "CC7.1"],
    pci_dss: &["6.4.2"],
    attack: &["OAT-008", "OAT-019", "OAT-007"],
};
