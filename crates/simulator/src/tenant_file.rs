//! The file that describes a simulated tenant. Tests can change it while the tenant runs.

use crate::exchange::Exchange;
use crate::plan::{Bucket, Feature, Limit, Plan};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Unknown keys are rejected, so that a typing error is not silently ignored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantFile {
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// The host in the tenant's address, if clients do not use the address it listens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    pub plan: Plan,
    /// The audience that the Management API accepts; absent: the tenant's address with `/api/v2/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    #[serde(default = "day_s")]
    pub token_lifetime_s: u64,
    /// At least one. `SimulatedTenant::credentials` returns the first.
    pub applications: Vec<Application>,
    /// The Management API's rate limit: `"plan"`, `"unlimited"`, `{"custom": {"burst", "refill", "every"}}`.
    #[serde(default)]
    pub bucket: Limit,
    /// The token endpoint's rate limit, in the same form.
    #[serde(default)]
    pub token_bucket: Limit,
    /// Features that are unavailable although the plan has them.
    #[serde(default)]
    pub unavailable: BTreeSet<Feature>,
    /// Features that are available although the plan lacks them.
    #[serde(default)]
    pub available: BTreeSet<Feature>,
    /// Adds an unknown key to every object.
    #[serde(default)]
    pub extra_keys: bool,
    /// Uses the wording of older tenants for an unknown audience and a missing client grant.
    #[serde(default)]
    pub older_messages: bool,
    /// The response to a token request without `audience`, as the tenant has no default audience.
    #[serde(default)]
    pub audience_omitted: AudienceOmitted,
    /// Returns `options` of connections without the scope `read:connections_options`, like tenants that Auth0 has not
    /// migrated.
    #[serde(default)]
    pub connection_options_without_scope: bool,
    /// Recorded exchanges, which have precedence over everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// Path without `/api/v2/` → body. An absent path is 404, an absent collection is empty.
    #[serde(default)]
    pub resources: BTreeMap<String, Value>,
}

/// A client of the token endpoint.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub client_id: String,
    pub client_secret: String,
    #[serde(default)]
    pub token_endpoint_auth_method: AuthMethod,
    #[serde(default = "client_credentials")]
    pub grant_types: Vec<String>,
    /// The scopes of its client grant for the Management API; null or absent: no client grant.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Audience → scopes of its grants for the tenant's other APIs.
    #[serde(default)]
    pub other_grants: BTreeMap<String, Vec<String>>,
}

/// How an application authenticates (`token_endpoint_auth_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    #[default]
    ClientSecretPost,
    ClientSecretBasic,
    None,
}

/// The response to a token request without an audience. Real tenants do either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceOmitted {
    #[default]
    Refused,
    OpaqueToken,
}

/// Why a tenant file is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenantFileError {
    #[error("line {line}, column {column}: {what}")]
    Unreadable { line: usize, column: usize, what: String },
    #[error("{field}: {what}")]
    Invalid { field: String, what: String },
}

/// The demo starts those that stand first.
const BUNDLED: &[(&str, &str)] = &[
    ("fresh", include_str!("../tenants/fresh.json")),
    ("hardened", include_str!("../tenants/hardened.json")),
    ("weak", include_str!("../tenants/weak.json")),
    ("free-plan", include_str!("../tenants/free-plan.json")),
    ("consumer", include_str!("../tenants/consumer.json")),
    ("social", include_str!("../tenants/social.json")),
    ("machines", include_str!("../tenants/machines.json")),
    ("enterprise", include_str!("../tenants/enterprise.json")),
];

impl TenantFile {
    pub fn parse(text: &str) -> Result<Self, TenantFileError> {
        let file: Self = serde_json::from_str(text).map_err(|error| {
            let whole = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let what = whole.strip_suffix(&place).unwrap_or(&whole).to_owned();
            TenantFileError::Unreadable { line: error.line(), column: error.column(), what }
        })?;
        file.validate()?;
        Ok(file)
    }

    /// A bundled tenant.
    #[expect(clippy::missing_panics_doc, reason = "the bundled files are constants")]
    pub fn bundled(name: &str) -> Option<Self> {
        let (_, text) = BUNDLED.iter().find(|(known, _)| *known == name)?;
        Some(Self::parse(text).expect("a test parses every bundled tenant file"))
    }

    pub fn bundled_names() -> Vec<&'static str> {
        BUNDLED.iter().map(|(name, _)| *name).collect()
    }

    /// The bundled tenants that the demo starts.
    pub fn demo_names() -> impl Iterator<Item = &'static str> {
        BUNDLED.iter().map(|(name, _)| *name).take(4)
    }

    fn validate(&self) -> Result<(), TenantFileError> {
        let invalid = |field: &str, what: &str| {
            Err(TenantFileError::Invalid { field: field.to_owned(), what: what.to_owned() })
        };
        if self.name.trim().is_empty() {
            return invalid("name", "must not be empty");
        }
        if self.applications.is_empty() {
            return invalid("applications", "must have at least one application");
        }
        for (index, application) in self.applications.iter().enumerate() {
            let earlier = &self.applications[..index];
            if application.client_id.is_empty() {
                return invalid(&format!("applications[{index}].client_id"), "must not be empty");
            }
            if earlier.iter().any(|other| other.client_id == application.client_id) {
                return invalid(&format!("applications[{index}].client_id"), "is a duplicate");
            }
        }
        for path in self.resources.keys() {
            if path.starts_with('/') || path.starts_with("api/") || path.contains('?') {
                let what = "must be a path without /api/v2/ and without a query";
                return invalid(&format!("resources.{path}"), what);
            }
        }
        Ok(())
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.client_id == client_id)
    }

    pub(crate) fn offers(&self, feature: Feature) -> bool {
        let in_plan =
            !self.plan.unavailable().contains(&feature) || self.available.contains(&feature);
        in_plan && !self.unavailable.contains(&feature)
    }

    pub(crate) fn management_bucket(&self) -> Option<Bucket> {
        self.bucket.resolve(self.plan.management_bucket())
    }

    pub(crate) fn token_endpoint_bucket(&self) -> Option<Bucket> {
        self.token_bucket.resolve(self.plan.token_bucket())
    }

    /// Whether the tenant has an API of this identifier besides the Management API.
    pub(crate) fn has_other_api(&self, audience: &str) -> bool {
        let servers = self.resources.get("resource-servers").and_then(Value::as_array);
        servers.is_some_and(|all| all.iter().any(|server| server["identifier"] == audience))
            || self.applications.iter().any(|one| one.other_grants.contains_key(audience))
    }

    pub(crate) fn default_audience(&self) -> Option<&str> {
        let settings = self.resources.get("tenants/settings")?;
        settings["default_audience"].as_str().filter(|audience| !audience.is_empty())
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .field("token_endpoint_auth_method", &self.token_endpoint_auth_method)
            .field("grant_types", &self.grant_types)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

const fn day_s() -> u64 {
    86_400
}

fn client_credentials() -> Vec<String> {
    vec!["client_credentials".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_tenant_is_valid_and_has_a_unique_name() {
        for name in TenantFile::bundled_names() {
            let file = TenantFile::bundled(name).unwrap();
            assert_eq!(file.name, *name);
            assert!(!file.description.is_empty());
            assert_eq!(file.applications[0].client_id, format!("simulated-{name}"));
        }
        assert!(TenantFile::bundled("unknown").is_none());
    }

    #[test]
    fn an_invalid_file_is_rejected_with_location_and_reason() {
        let error = TenantFile::parse("{\n  \"nmae\": 1}").unwrap_err().to_string();
        assert!(error.starts_with("line 2, column") && error.contains("nmae"), "{error}");

        let text = r#"{"name": "a", "plan": "free", "applications": []}"#;
        let error = TenantFile::parse(text).unwrap_err().to_string();
        assert!(error.starts_with("applications: "), "{error}");

        let text = r#"{"name": "a", "plan": "free", "resources": {"/api/v2/clients": []},
            "applications": [{"client_id": "a", "client_secret": "b"}]}"#;
        let error = TenantFile::parse(text).unwrap_err().to_string();
        assert!(error.contains("without /api/v2/"), "{error}");
    }

    #[test]
    fn a_secret_is_not_printed() {
        let file = TenantFile::bundled("fresh").unwrap();
        assert!(!format!("{file:?}").contains("simulated-fresh-secret"));
    }

    #[test]
    fn a_feature_is_offered_by_the_plan_unless_overridden() {
        let mut file = TenantFile::bundled("free-plan").unwrap();
        assert!(!file.offers(Feature::Captcha));
        file.available.insert(Feature::Captcha);
        assert!(file.offers(Feature::Captcha));
        file.unavailable.insert(Feature::Captcha);
        assert!(!file.offers(Feature::Captcha));
    }
}
