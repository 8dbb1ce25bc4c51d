//! What an attacker does where a check fails: techniques of MITRE ATT&CK (attack.mitre.org, Enterprise 17) and OWASP
//! Automated Threats to Web Applications 1.2, with their names, their tactic and what they do to the data behind a
//! tenant.

use crate::named_enum::named_enum;

named_enum! {
    /// What an attack does, in the terms of SAFE Signal.
    pub enum Effect {
        DataExposure = "dataExposure",
        DataExfiltration = "dataExfiltration",
        DataDestruction = "dataDestruction",
        ResourceConsumption = "resourceConsumption",
    }
}

/// A tactic of ATT&CK: what the attacker wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tactic {
    pub id: &'static str,
    pub name: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub struct Technique {
    /// Such as `T1110.004`, or `OAT-008`.
    pub id: &'static str,
    pub name: &'static str,
    /// The tactic by which it threatens a tenant. None: an automated threat.
    pub tactic: Option<Tactic>,
    pub effects: &'static [Effect],
}

impl Technique {
    /// By its id.
    pub fn find(id: &str) -> Option<&'static Self> {
        TECHNIQUES.iter().find(|technique| technique.id == id)
    }

    pub fn is_automated_threat(&self) -> bool {
        self.tactic.is_none()
    }
}

const INITIAL_ACCESS: Option<Tactic> = Some(Tactic { id: "TA0001", name: "Initial Access" });
const PERSISTENCE: Option<Tactic> = Some(Tactic { id: "TA0003", name: "Persistence" });
const DEFENSE_EVASION: Option<Tactic> = Some(Tactic { id: "TA0005", name: "Defense Evasion" });
const CREDENTIAL_ACCESS: Option<Tactic> = Some(Tactic { id: "TA0006", name: "Credential Access" });
const LATERAL_MOVEMENT: Option<Tactic> = Some(Tactic { id: "TA0008", name: "Lateral Movement" });

/// The data of the accounts that are attacked.
const ACCOUNTS: &[Effect] = &[Effect::DataExposure];
/// The data of all accounts.
const ALL_ACCOUNTS: &[Effect] = &[Effect::DataExposure, Effect::DataExfiltration];
/// The tenant itself.
const TENANT: &[Effect] =
    &[Effect::DataExposure, Effect::DataExfiltration, Effect::DataDestruction];
const RESOURCES: &[Effect] = &[Effect::ResourceConsumption];

const fn technique(
    id: &'static str,
    name: &'static str,
    tactic: Option<Tactic>,
    effects: &'static [Effect],
) -> Technique {
    Technique { id, name, tactic, effects }
}

/// Those of the control sets, and the parents of their sub-techniques.
const TECHNIQUES: [Technique; 23] = [
    technique("OAT-007", "Credential Cracking", None, ACCOUNTS),
    technique("OAT-008", "Credential Stuffing", None, ACCOUNTS),
    technique("OAT-019", "Account Creation", None, RESOURCES),
    technique("T1078", "Valid Accounts", INITIAL_ACCESS, ALL_ACCOUNTS),
    technique("T1078.004", "Cloud Accounts", INITIAL_ACCESS, ALL_ACCOUNTS),
    technique("T1098", "Account Manipulation", PERSISTENCE, TENANT),
    technique("T1110", "Brute Force", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1110.001", "Password Guessing", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1110.003", "Password Spraying", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1110.004", "Credential Stuffing", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1111", "Multi-Factor Authentication Interception", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1190", "Exploit Public-Facing Application", INITIAL_ACCESS, ALL_ACCOUNTS),
    technique("T1528", "Steal Application Access Token", CREDENTIAL_ACCESS, ALL_ACCOUNTS),
    technique("T1539", "Steal Web Session Cookie", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1550", "Use Alternate Authentication Material", LATERAL_MOVEMENT, ALL_ACCOUNTS),
    technique("T1550.001", "Application Access Token", LATERAL_MOVEMENT, ALL_ACCOUNTS),
    technique("T1550.004", "Web Session Cookie", LATERAL_MOVEMENT, ACCOUNTS),
    technique("T1557", "Adversary-in-the-Middle", CREDENTIAL_ACCESS, ACCOUNTS),
    technique("T1562", "Impair Defenses", DEFENSE_EVASION, ALL_ACCOUNTS),
    technique("T1562.007", "Disable or Modify Cloud Firewall", DEFENSE_EVASION, ALL_ACCOUNTS),
    technique("T1562.008", "Disable or Modify Cloud Logs", DEFENSE_EVASION, ALL_ACCOUNTS),
    technique("T1606", "Forge Web Credentials", CREDENTIAL_ACCESS, ALL_ACCOUNTS),
    technique(
        "T1621",
        "Multi-Factor Authentication Request Generation",
        CREDENTIAL_ACCESS,
        ACCOUNTS,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks;

    #[test]
    fn every_technique_of_a_check_is_known_and_so_is_its_parent() {
        let ids = checks::all().flat_map(|check| check.controls).flat_map(|set| set.attack);
        for id in ids {
            let technique = Technique::find(id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(technique.is_automated_threat(), id.starts_with("OAT-"));
            let parent = id.split('.').next().unwrap();
            assert!(Technique::find(parent).is_some(), "{parent}");
        }
    }
}
