//! The simulated endpoints of the Management API with scopes, shape and parameters, from Auth0's OpenAPI document.

use crate::plan::Feature;

/// One path below `/api/v2/`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint {
    pub path: &'static str,
    /// Any of these allows reading.
    pub scopes: &'static [&'static str],
    /// Method and scope for changing the resource, or an item of a collection.
    pub write: Option<(&'static str, &'static str)>,
    pub shape: Shape,
    pub feature: Option<Feature>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One object.
    Settings,
    /// A value that is not an object: a number, a set of strings.
    Bare,
    DailyStats,
    Collection(Collection),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Collection {
    /// The member with the items if the response is an object.
    pub key: &'static str,
    /// The member of an item that identifies it in a path.
    pub id: &'static str,
    pub paging: Paging,
    /// Parameters that select items by the member of the same name.
    pub filters: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// One response with everything; no parameters.
    Whole,
    /// `page`, `per_page`, `include_totals`.
    Offset,
    /// `Offset`, or `from`, `take`.
    OffsetOrCheckpoint,
    /// `from`, `take`.
    Checkpoint,
    /// `page`, `per_page`; the response is always an object with totals.
    Enveloped,
}

impl Paging {
    pub fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Whole => &[],
            Self::Offset => &["page", "per_page", "include_totals", "fields", "include_fields"],
            Self::OffsetOrCheckpoint => {
                &["page", "per_page", "include_totals", "from", "take", "fields", "include_fields"]
            }
            Self::Checkpoint => &["from", "take", "fields", "include_fields"],
            Self::Enveloped => &["page", "per_page"],
        }
    }
}

const ATTACK: &[&str] = &["read:attack_protection"];
const UPDATE_ATTACK: Option<(&str, &str)> = Some(("PATCH", "update:attack_protection"));

const fn attack(path: &'static str, feature: Option<Feature>) -> Endpoint {
    Endpoint { path, scopes: ATTACK, write: UPDATE_ATTACK, shape: Shape::Settings, feature }
}

const fn bare(
    path: &'static str,
    scopes: &'static [&'static str],
    write: Option<(&'static str, &'static str)>,
) -> Endpoint {
    Endpoint { path, scopes, write, shape: Shape::Bare, feature: None }
}

const fn settings(
    path: &'static str,
    scopes: &'static [&'static str],
    write: &'static str,
) -> Endpoint {
    Endpoint { path, scopes, write: Some(("PATCH", write)), shape: Shape::Settings, feature: None }
}

const fn list(
    path: &'static str,
    scopes: &'static [&'static str],
    write: Option<(&'static str, &'static str)>,
    collection: Collection,
) -> Endpoint {
    Endpoint { path, scopes, write, shape: Shape::Collection(collection), feature: None }
}

const fn items(
    key: &'static str,
    id: &'static str,
    paging: Paging,
    filters: &'static [&'static str],
) -> Collection {
    Collection { key, id, paging, filters }
}

use Paging::{Checkpoint, Enveloped, Offset, OffsetOrCheckpoint, Whole};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    attack("attack-protection/breached-password-detection", None),
    attack("attack-protection/brute-force-protection", None),
    attack("attack-protection/suspicious-ip-throttling", None),
    attack("attack-protection/bot-detection", Some(Feature::BotDetection)),
    attack("attack-protection/captcha", Some(Feature::Captcha)),
    attack("attack-protection/phone-provider-protection", Some(Feature::PhoneProviderProtection)),
    Endpoint {
        feature: Some(Feature::CaptchaPolicies),
        ..list(
            "attack-protection/captcha/policies",
            ATTACK,
            UPDATE_ATTACK,
            items("policies", "id", Whole, &[]),
        )
    },
    attack("risk-assessments/settings", None),
    attack("risk-assessments/settings/new-device", None),
    attack("supplemental-signals", Some(Feature::SupplementalSignals)),
    bare("guardian/policies", &["read:mfa_policies"], Some(("PUT", "update:mfa_policies"))),
    Endpoint { shape: Shape::DailyStats, ..bare("stats/daily", &["read:stats"], None) },
    bare("stats/active-users", &["read:stats"], None),
    list(
        "guardian/factors",
        &["read:guardian_factors"],
        Some(("PUT", "update:guardian_factors")),
        items("factors", "name", Whole, &[]),
    ),
    settings("tenants/settings", &["read:tenant_settings"], "update:tenant_settings"),
    list(
        "clients",
        &["read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"],
        Some(("PATCH", "update:clients")),
        items(
            "clients",
            "client_id",
            OffsetOrCheckpoint,
            &["is_global", "is_first_party", "app_type", "external_client_id"],
        ),
    ),
    list(
        "client-grants",
        &["read:client_grants"],
        Some(("PATCH", "update:client_grants")),
        items(
            "client_grants",
            "id",
            OffsetOrCheckpoint,
            &["audience", "client_id", "allow_any_organization", "subject_type"],
        ),
    ),
    list(
        "resource-servers",
        &["read:resource_servers"],
        Some(("PATCH", "update:resource_servers")),
        items("resource_servers", "id", Offset, &["identifier"]),
    ),
    list(
        "connections",
        &["read:connections"],
        Some(("PATCH", "update:connections")),
        items("connections", "id", OffsetOrCheckpoint, &["strategy", "name"]),
    ),
    Endpoint {
        feature: Some(Feature::LogStreams),
        ..list(
            "log-streams",
            &["read:log_streams"],
            Some(("PATCH", "update:log_streams")),
            items("log_streams", "id", Whole, &[]),
        )
    },
    list(
        "network-acls",
        &["read:network_acls"],
        Some(("PATCH", "update:network_acls")),
        items("network_acls", "id", Offset, &[]),
    ),
    Endpoint {
        feature: Some(Feature::CustomDomains),
        ..list(
            "custom-domains",
            &["read:custom_domains"],
            Some(("PATCH", "update:custom_domains")),
            items("custom_domains", "custom_domain_id", Checkpoint, &[]),
        )
    },
    settings("emails/provider", &["read:email_provider"], "update:email_provider"),
    list("keys/signing", &["read:signing_keys"], None, items("keys", "kid", Whole, &[])),
    list(
        "actions/actions",
        &["read:actions"],
        Some(("PATCH", "update:actions")),
        items("actions", "id", Enveloped, &["deployed", "installed"]),
    ),
    Endpoint {
        feature: Some(Feature::Rules),
        ..list(
            "rules",
            &["read:rules"],
            Some(("PATCH", "update:rules")),
            items("rules", "id", Offset, &["enabled"]),
        )
    },
    Endpoint {
        feature: Some(Feature::Hooks),
        ..list(
            "hooks",
            &["read:hooks"],
            Some(("PATCH", "update:hooks")),
            items("hooks", "id", Offset, &["enabled"]),
        )
    },
    settings("prompts", &["read:prompts"], "update:prompts"),
];

/// The endpoint of a path, and the item's id if the path identifies an item of a collection.
pub(crate) fn find(path: &str) -> Option<(&'static Endpoint, Option<&str>)> {
    let exact = |path: &str| ENDPOINTS.iter().find(|endpoint| endpoint.path == path);
    if let Some(endpoint) = exact(path) {
        return Some((endpoint, None));
    }
    let (parent, id) = path.rsplit_once('/')?;
    let endpoint = exact(parent)?;
    matches!(endpoint.shape, Shape::Collection(_)).then_some((endpoint, Some(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_listed_once() {
        for endpoint in ENDPOINTS {
            assert_eq!(ENDPOINTS.iter().filter(|other| other.path == endpoint.path).count(), 1);
        }
    }

    #[test]
    fn items_are_found_only_below_collections() {
        assert_eq!(find("clients/abc").unwrap().1, Some("abc"));
        assert_eq!(find("attack-protection/captcha/policies").unwrap().1, None);
        assert!(find("prompts/abc").is_none());
        assert!(find("nothing").is_none());
    }
}
