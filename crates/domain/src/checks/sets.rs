//! Control sets: which controls of which framework a group of checks bears on, and the techniques
//! of MITRE ATT&CK and OWASP Automated Threats that it counters.
//! Sources: NIST SP 800-53 r5, SP 800-63B (revision 3; where noted, 4), OWASP ASVS 5.0, CIS v8.1,
//! ISO/IEC 27001:2022 Annex A, SOC 2 Trust Services Criteria, PCI DSS 4.0.1. Only ASVS was compared
//! with its published text. Where the specification's mapping was clearly wrong, the comment says.

/// Controls of each framework.
#[derive(Debug)]
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

/// Breached passwords.
pub const BREACHED_PASSWORD: ControlSet = ControlSet {
    nist_800_53: &["IA-5(1)", "SI-4"],
    nist_800_63b: &["5.1.1.2", "3.1.1.2 (rev 4)"],
    owasp_asvs: &["6.2.12", "6.3.1"],
    cis_v8: &["5.2"],
    iso_27001: &["A.5.17", "A.8.5"],
    soc_2: &["CC6.1", "CC6.6"],
    // Supporting only: the option of analysing an account's posture instead of changing passwords.
    pci_dss: &["8.3.9", "8.3.10.1"],
    attack: &["T1110.004", "OAT-008"],
};

/// Brute force.
pub const BRUTE_FORCE: ControlSet = ControlSet {
    nist_800_53: &["AC-7", "SI-4"],
    nist_800_63b: &["5.2.2", "3.2.2 (rev 4)"],
    owasp_asvs: &["6.1.1", "6.3.1"],
    // By analogy: CIS asks it of devices.
    cis_v8: &["4.10"],
    iso_27001: &["A.8.5"],
    soc_2: &["CC6.1", "CC6.6", "CC7.2"],
    pci_dss: &["8.3.4"],
    attack: &["T1110.001", "T1110.003", "OAT-007"],
};

/// Many attempts from one address.
pub const SUSPICIOUS_IP: ControlSet = ControlSet {
    nist_800_53: &["AC-7", "SC-5", "SC-7", "SI-4"],
    nist_800_63b: &["5.2.2", "3.2.2 (rev 4)"],
    owasp_asvs: &["2.4.1", "6.3.1"],
    // The specification says "13.x": application layer filtering is the one of them that fits.
    cis_v8: &["13.10"],
    iso_27001: &["A.8.16", "A.8.20"],
    soc_2: &["CC6.6", "CC7.2", "A1.1"],
    pci_dss: &["6.4.2"],
    attack: &["T1110.003", "T1110.004", "OAT-008", "OAT-019"],
};

/// Bots and automated abuse.
pub const BOT_DETECTION: ControlSet = ControlSet {
    nist_800_53: &["SC-5", "SI-4"],
    nist_800_63b: &["5.2.2", "3.2.2 (rev 4)"],
    owasp_asvs: &["2.4.1", "6.3.1"],
    cis_v8: &["13.10"],
    iso_27001: &["A.8.16"],
    // The specification says CC7.1, which is about configurations and vulnerabilities; watching for
    // anomalies is CC7.2.
    soc_2: &["CC6.6", "CC7.2"],
    pci_dss: &["6.4.2"],
    attack: &["OAT-007", "OAT-008", "OAT-019"],
};

/// A second factor.
pub const MFA: ControlSet = ControlSet {
    nist_800_53: &["IA-2(1)", "IA-2(2)", "IA-10", "IA-11"],
    nist_800_63b: &["4.2", "2.2 (rev 4)"],
    owasp_asvs: &["6.3.3", "6.3.4"],
    cis_v8: &["6.3", "6.4", "6.5"],
    iso_27001: &["A.5.17", "A.8.5"],
    soc_2: &["CC6.1"],
    pci_dss: &["8.4.2", "8.4.3", "8.5.1"],
    attack: &["T1078", "T1110"],
};

/// Users or administrators are notified.
pub const NOTIFICATION: ControlSet = ControlSet {
    nist_800_53: &["AU-6", "IR-6", "SI-4(5)"],
    // The specification says 5.2.2, which limits attempts and says nothing of notifications.
    nist_800_63b: &[],
    // Without 6.3.7: that is about changed credentials, not about suspicious attempts.
    owasp_asvs: &["6.3.5"],
    // The specification says "17.x": the process for reporting incidents is the one that fits.
    cis_v8: &["8.11", "17.3"],
    iso_27001: &["A.5.24", "A.6.8", "A.8.16"],
    soc_2: &["CC7.2", "CC7.3"],
    pci_dss: &["10.4.1", "12.10.5"],
    // Whoever is notified notices that somebody else uses the account.
    attack: &["T1078"],
};

/// Exceptions by address.
pub const ALLOWLIST: ControlSet = ControlSet {
    nist_800_53: &["AC-4", "AC-6", "CM-7", "SC-7(5)"],
    nist_800_63b: &[],
    owasp_asvs: &["6.3.4"],
    cis_v8: &["4.4", "12.2"],
    iso_27001: &["A.8.9", "A.8.20", "A.8.22"],
    soc_2: &["CC6.6"],
    pci_dss: &["1.2.7"],
    attack: &["T1562.007"],
};

/// Anomalies in the statistics.
pub const STATISTICS: ControlSet = ControlSet {
    nist_800_53: &["AC-2(3)", "AC-2(12)", "IR-4", "SI-4"],
    nist_800_63b: &[],
    owasp_asvs: &["16.3"],
    cis_v8: &["5.3", "8.11"],
    iso_27001: &["A.5.25", "A.8.16"],
    soc_2: &["CC7.2", "CC7.3"],
    pci_dss: &["8.2.6", "10.4.1.1"],
    attack: &["T1078", "OAT-019"],
};

/// Least privilege of the integration client.
pub const LEAST_PRIVILEGE: ControlSet = ControlSet {
    nist_800_53: &["AC-6", "AC-6(5)", "CM-7", "IA-5"],
    nist_800_63b: &[],
    // Of the specification's "10.x/13.2": least privilege between components.
    owasp_asvs: &["13.2.2"],
    cis_v8: &["5.4", "6.8"],
    iso_27001: &["A.5.15", "A.8.2"],
    soc_2: &["CC6.3"],
    // Without 8.6.1: that is about people who log in with an application's account.
    pci_dss: &["7.2.5"],
    attack: &["T1098"],
};

/// Second factors sent as a message.
pub const MESSAGE_FACTORS: ControlSet = ControlSet {
    nist_800_53: &["IA-2(1)", "IA-2(2)", "IA-5"],
    nist_800_63b: &["5.1.3.3"],
    owasp_asvs: &["6.3.6", "6.6.1"],
    cis_v8: &["6.3", "6.5"],
    iso_27001: &["A.5.17", "A.8.5"],
    soc_2: &["CC6.1"],
    pci_dss: &["8.5.1"],
    attack: &["T1111", "T1621"],
};

/// Session lifetimes.
pub const SESSIONS: ControlSet = ControlSet {
    nist_800_53: &["AC-12", "IA-11", "SC-23"],
    nist_800_63b: &["7.2", "5.2 (rev 4)"],
    owasp_asvs: &["7.3.1", "7.3.2"],
    cis_v8: &["4.3"],
    iso_27001: &["A.8.5"],
    soc_2: &["CC6.1"],
    pci_dss: &["8.2.8"],
    attack: &["T1539", "T1550.004"],
};

/// Secure OAuth flows (RFC 9700, best current practice).
pub const OAUTH: ControlSet = ControlSet {
    nist_800_53: &["AC-3", "CM-7", "IA-9", "SC-23"],
    nist_800_63b: &[],
    owasp_asvs: &["10.4.1", "10.4.4", "10.4.7", "10.4.10"],
    cis_v8: &["16.10"],
    iso_27001: &["A.8.5", "A.8.26"],
    soc_2: &["CC6.1", "CC6.6"],
    pci_dss: &["6.2.4"],
    attack: &["T1528", "T1550.001"],
};

/// Token lifetimes and sender constraints.
pub const TOKENS: ControlSet = ControlSet {
    nist_800_53: &["AC-12", "IA-5(13)", "SC-23"],
    nist_800_63b: &[],
    owasp_asvs: &["10.3.5", "10.4.5", "10.4.8", "10.4.14"],
    cis_v8: &["16.10"],
    iso_27001: &["A.5.17", "A.8.5"],
    soc_2: &["CC6.1"],
    pci_dss: &["8.3.2"],
    attack: &["T1528", "T1550.001"],
};

/// Keys and cryptography.
pub const CRYPTOGRAPHY: ControlSet = ControlSet {
    nist_800_53: &["SC-8", "SC-12", "SC-13"],
    nist_800_63b: &[],
    owasp_asvs: &["9.1.2", "11.1.1", "12.1.1"],
    cis_v8: &["3.10", "16.11"],
    iso_27001: &["A.8.24"],
    soc_2: &["CC6.1", "CC6.7"],
    pci_dss: &["3.7.4", "4.2.1"],
    attack: &["T1606", "T1557"],
};

/// Passwords of users.
pub const PASSWORDS: ControlSet = ControlSet {
    nist_800_53: &["IA-5", "IA-5(1)"],
    nist_800_63b: &["5.1.1.2", "3.1.1.2 (rev 4)"],
    owasp_asvs: &["6.2.1", "6.2.4", "6.2.11"],
    cis_v8: &["5.2"],
    iso_27001: &["A.5.17", "A.8.5"],
    soc_2: &["CC6.1"],
    pci_dss: &["8.3.6", "8.3.7"],
    attack: &["T1110.001", "T1110.003"],
};

/// Events are logged where they can be searched.
pub const LOGGING: ControlSet = ControlSet {
    nist_800_53: &["AU-4(1)", "AU-6", "AU-11", "AU-12"],
    nist_800_63b: &[],
    owasp_asvs: &["16.4.3"],
    cis_v8: &["8.2", "8.9", "8.10"],
    iso_27001: &["A.8.15", "A.8.16"],
    soc_2: &["CC7.2", "CC7.3"],
    pci_dss: &["10.3.3", "10.5.1"],
    attack: &["T1562.008"],
};

/// Network access to the tenant.
pub const NETWORK: ControlSet = ControlSet {
    nist_800_53: &["AC-3", "AC-4", "SC-7", "SC-7(5)"],
    nist_800_63b: &[],
    owasp_asvs: &["8.4.2"],
    cis_v8: &["4.4", "12.2"],
    iso_27001: &["A.8.20", "A.8.22"],
    soc_2: &["CC6.1", "CC6.6"],
    pci_dss: &["1.2.1", "1.4.1"],
    attack: &["T1078.004"],
};

/// Old, unfinished and default configuration.
pub const CONFIGURATION: ControlSet = ControlSet {
    nist_800_53: &["CM-6", "CM-7", "SA-22", "SI-2"],
    nist_800_63b: &[],
    owasp_asvs: &["15.2.1", "15.2.3"],
    cis_v8: &["2.2", "4.1", "16.5"],
    iso_27001: &["A.8.8", "A.8.9"],
    soc_2: &["CC7.1", "CC8.1"],
    pci_dss: &["2.2.1", "6.3.3"],
    attack: &["T1190"],
};
