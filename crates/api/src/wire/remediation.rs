//! Remediation and controls of a finding, computed from the catalogue and from the tenant's values at the
//! latest failing evaluation. The service never executes a remediation.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use domain::checks::{self, Change, Check, ControlSet};
use domain::remediation::{Call, Fix};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// How to fix a finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct Remediation {
    /// Steps in Auth0's dashboard, in order.
    pub steps: &'static [&'static str],
    /// Path in Auth0's dashboard.
    pub dashboard_path: &'static str,
    /// Call that fixes the finding. Null: no single call does.
    pub api_call: Option<ApiCall>,
    /// Call that reverts `api_call`. Null when `api_call` is null.
    pub undo_call: Option<ApiCall>,
    /// `api_call` as an Auth0 CLI command for a POSIX shell. Null when `api_call` is null.
    pub auth0_cli: Option<String>,
    /// `undo_call` as an Auth0 CLI command for a POSIX shell. Null when `undo_call` is null.
    pub undo_auth0_cli: Option<String>,
    /// The settings of `api_call` as arguments for your existing resource of the Terraform provider
    /// `auth0/auth0`. Null: the provider has no such argument.
    pub terraform: Option<String>,
    /// Scope that the calls need. This service does not need it.
    pub required_scope: Option<&'static str>,
}

/// One call of the Auth0 Management API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "method": "PATCH", "path": "/api/v2/attack-protection/brute-force-protection", "body": {"enabled": true}
}))]
pub struct ApiCall {
    /// `PATCH` or `PUT`.
    pub method: CallMethod,
    /// Path from `/api/v2/` on. Object ids are percent-encoded.
    pub path: String,
    /// The full body. Auth0 replaces whole arrays, so arrays are complete.
    #[schema(value_type = Value)]
    pub body: Value,
}

/// A write method of the Management API.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CallMethod {
    Patch,
    Put,
}

impl CallMethod {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patch => "PATCH",
            Self::Put => "PUT",
        }
    }
}

impl From<checks::Method> for CallMethod {
    fn from(method: checks::Method) -> Self {
        match method {
            checks::Method::Patch => Self::Patch,
            checks::Method::Put => Self::Put,
        }
    }
}

impl From<Call> for ApiCall {
    fn from(Call { method, path, body }: Call) -> Self {
        Self { method: method.into(), path, body }
    }
}

impl Remediation {
    /// Remediation with calls computed from the tenant's values.
    pub fn for_finding(check: &Check, resource: &str, change: Option<Change>) -> Self {
        let mut remediation = Self::in_general(check);
        if let Some(fix) = change.and_then(|change| Fix::for_change(check, resource, change)) {
            remediation.auth0_cli = Some(fix.call.auth0_cli());
            remediation.undo_auth0_cli = Some(fix.undo.auth0_cli());
            remediation.terraform = fix.terraform;
            remediation.api_call = Some(fix.call.into());
            remediation.undo_call = Some(fix.undo.into());
        }
        remediation
    }

    /// Remediation without calls: their bodies need the values of a tenant.
    pub fn in_general(check: &Check) -> Self {
        Self {
            steps: check.remediation.steps,
            dashboard_path: check.remediation.dashboard_path,
            api_call: None,
            undo_call: None,
            auth0_cli: None,
            undo_auth0_cli: None,
            terraform: None,
            required_scope: check.remediation.required_scope,
        }
    }
}

/// Controls by framework. Frameworks without controls are left out.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(example = json!({"nist_800_53": ["AC-7", "SI-4"], "pci_dss": ["8.3.4"]}))]
pub struct Controls {
    /// NIST SP 800-53, revision 5.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nist_800_53: Vec<&'static str>,
    /// NIST SP 800-63B.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nist_800_63b: Vec<&'static str>,
    /// OWASP ASVS 5.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owasp_asvs: Vec<&'static str>,
    /// CIS Controls, version 8.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cis_v8: Vec<&'static str>,
    /// ISO/IEC 27001:2022, Annex A.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub iso_27001: Vec<&'static str>,
    /// SOC 2 Trust Services Criteria.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub soc_2: Vec<&'static str>,
    /// PCI DSS 4.0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pci_dss: Vec<&'static str>,
}

impl Controls {
    /// In the order of the names.
    pub fn by_framework(&self) -> [(&'static str, &[&'static str]); 7] {
        [
            ("cis_v8", &self.cis_v8),
            ("iso_27001", &self.iso_27001),
            ("nist_800_53", &self.nist_800_53),
            ("nist_800_63b", &self.nist_800_63b),
            ("owasp_asvs", &self.owasp_asvs),
            ("pci_dss", &self.pci_dss),
            ("soc_2", &self.soc_2),
        ]
    }
}

/// Controls, techniques and threats that a check relates to.
#[derive(Default)]
pub struct ControlMapping {
    /// Controls by framework.
    pub controls: Controls,
    /// MITRE ATT&CK techniques.
    pub attack_techniques: Vec<&'static str>,
    /// OWASP Automated Threats.
    pub automated_threats: Vec<&'static str>,
}

impl ControlMapping {
    /// Empty for a check that is no longer in the catalogue.
    pub fn for_check(id: &str) -> &'static Self {
        static BY_ID: LazyLock<HashMap<&str, ControlMapping>> = LazyLock::new(|| {
            checks::all().map(|check| (check.id, ControlMapping::merge(check))).collect()
        });
        static NONE: LazyLock<ControlMapping> = LazyLock::new(ControlMapping::default);
        BY_ID.get(id).unwrap_or(&NONE)
    }

    /// Merges all control sets of the check, sorted and without duplicates.
    fn merge(check: &Check) -> Self {
        let merged = |listed: fn(&ControlSet) -> &'static [&'static str]| -> Vec<&'static str> {
            let all = check.controls.iter().flat_map(|set| listed(set).iter().copied());
            all.collect::<BTreeSet<_>>().into_iter().collect()
        };
        let (automated_threats, attack_techniques) =
            merged(|set| set.attack).into_iter().partition(|name| name.starts_with("OAT-"));
        Self {
            controls: Controls {
                nist_800_53: merged(|set| set.nist_800_53),
                nist_800_63b: merged(|set| set.nist_800_63b),
                owasp_asvs: merged(|set| set.owasp_asvs),
                cis_v8: merged(|set| set.cis_v8),
                iso_27001: merged(|set| set.iso_27001),
                soc_2: merged(|set| set.soc_2),
                pci_dss: merged(|set| set.pci_dss),
            },
            attack_techniques,
            automated_threats,
        }
    }
}
