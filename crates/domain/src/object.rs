//! The object of a tenant that a finding is about. Its id is part of the finding's resource key; its name is what
//! the tenant's administrators know it by.

use std::collections::BTreeMap;

use crate::named_enum::named_enum;
use crate::readings::{
    Actions, Client, ClientGrant, ClientGrants, Clients, Collection, Connections, CustomDomains,
    Field, Hooks, LogStreams, NetworkAcls, ObjectId, ReadingKind, ResourceServer, ResourceServers,
    Rules, Text,
};
use crate::tenant::Tenant;

/// Maximum length of a name, in characters. A longer one is cut.
const NAME_MAX: usize = 200;

named_enum! {
    /// Type of an object.
    pub enum ObjectType {
        Application = "application",
        Connection = "connection",
        Api = "api",
        Grant = "grant",
        Action = "action",
        Rule = "rule",
        Hook = "hook",
        LogStream = "log_stream",
        CustomDomain = "custom_domain",
        NetworkAcl = "network_acl",
        SigningKey = "signing_key",
        MfaFactor = "mfa_factor",
        CaptchaPolicy = "captcha_policy",
        /// The tenant as a whole: its settings, protections and statistics.
        Tenant = "tenant",
    }
}

impl ObjectType {
    /// The type, and the id of an object of a collection, by the resource key of a finding.
    pub fn of_resource(resource: &str) -> (Self, Option<&str>) {
        let parts = resource.rsplit_once('/');
        let found = parts.and_then(|(collection, id)| Some((Self::of_collection(collection)?, id)));
        found.map_or((Self::Tenant, None), |(kind, id)| (kind, Some(id)))
    }

    fn of_collection(resource: &str) -> Option<Self> {
        let kinds = ReadingKind::ALL.iter().copied().filter(|kind| kind.identified_by().is_some());
        let kind = kinds.into_iter().find(|kind| kind.resource() == resource)?;
        Some(match kind {
            ReadingKind::Clients => Self::Application,
            ReadingKind::Connections => Self::Connection,
            ReadingKind::ResourceServers => Self::Api,
            ReadingKind::ClientGrants => Self::Grant,
            ReadingKind::Actions => Self::Action,
            ReadingKind::Rules => Self::Rule,
            ReadingKind::Hooks => Self::Hook,
            ReadingKind::LogStreams => Self::LogStream,
            ReadingKind::CustomDomains => Self::CustomDomain,
            ReadingKind::NetworkAcls => Self::NetworkAcl,
            ReadingKind::SigningKeys => Self::SigningKey,
            ReadingKind::GuardianFactors => Self::MfaFactor,
            ReadingKind::CaptchaPolicies => Self::CaptchaPolicy,
            _ => return None,
        })
    }
}

/// Looks up the names of the objects of a tenant.
pub struct ObjectNames<'a> {
    tenant: &'a Tenant,
    /// Names of APIs by identifier.
    apis: BTreeMap<&'a str, &'a str>,
}

impl<'a> ObjectNames<'a> {
    pub fn new(tenant: &'a Tenant) -> Self {
        let apis = tenant.find::<ResourceServers>().map_or(&[][..], |apis| apis.items());
        let named = |api: &'a ResourceServer| {
            Some((api.identifier.ok()?.as_str(), api.name.ok()?.as_str()))
        };
        Self { tenant, apis: apis.iter().filter_map(named).collect() }
    }

    /// The name of the object that a resource key names. None: it has none, or its collection was not read. A grant is
    /// named by its application and its API.
    pub fn name_of(&self, resource: &str) -> Option<String> {
        let (kind, id) = ObjectType::of_resource(resource);
        let id = id?;
        let name = match kind {
            ObjectType::Application => self.find::<Clients>(id, |item| &item.name),
            ObjectType::Connection => self.find::<Connections>(id, |item| &item.name),
            ObjectType::Api => self.find::<ResourceServers>(id, |item| &item.name),
            ObjectType::Grant => return self.grant(id).map(cut),
            ObjectType::Action => self.find::<Actions>(id, |item| &item.name),
            ObjectType::Rule => self.find::<Rules>(id, |item| &item.name),
            ObjectType::Hook => self.find::<Hooks>(id, |item| &item.name),
            ObjectType::LogStream => self.find::<LogStreams>(id, |item| &item.name),
            ObjectType::CustomDomain => self.find::<CustomDomains>(id, |item| &item.domain),
            ObjectType::NetworkAcl => self.find::<NetworkAcls>(id, |item| &item.description),
            ObjectType::MfaFactor => Some(id),
            ObjectType::CaptchaPolicy | ObjectType::SigningKey | ObjectType::Tenant => None,
        };
        name.filter(|name| !name.trim().is_empty()).map(|name| cut(name.to_owned()))
    }

    /// The application with this id.
    pub fn application(&self, id: &str) -> Option<&'a Client> {
        self.item::<Clients>(id)
    }

    fn find<C: Collection + 'a>(
        &self,
        id: &str,
        name: fn(&C::Item) -> &Field<Text>,
    ) -> Option<&'a str> {
        name(self.item::<C>(id)?).ok().map(Text::as_str)
    }

    /// Collections are sorted by id.
    fn item<C: Collection + 'a>(&self, id: &str) -> Option<&'a C::Item> {
        let items = self.tenant.find::<C>()?.items();
        let id_of = |item: &'a C::Item| C::id(item).ok().map(ObjectId::as_str);
        let at = items.binary_search_by(|item| id_of(item).cmp(&Some(id))).ok()?;
        items.get(at)
    }

    fn grant(&self, id: &str) -> Option<String> {
        let grant: &ClientGrant = self.item::<ClientGrants>(id)?;
        let holder = match grant.client_id.ok().map(Text::as_str) {
            None => "all third-party applications",
            Some(client) => self.find::<Clients>(client, |item| &item.name).unwrap_or(client),
        };
        let audience = grant.audience.ok()?.as_str();
        Some(format!("{holder} at {}", self.apis.get(audience).unwrap_or(&audience)))
    }
}

fn cut(name: String) -> String {
    match name.char_indices().nth(NAME_MAX) {
        None => name,
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{readings, samples};
    use serde_json::json;

    #[test]
    fn every_collection_has_a_type() {
        for kind in ReadingKind::ALL.iter().filter(|kind| kind.identified_by().is_some()) {
            let resource = format!("{}/x", kind.resource());
            let (found, id) = ObjectType::of_resource(&resource);
            assert_ne!(found, ObjectType::Tenant, "{kind:?}");
            assert_eq!(id, Some("x"));
        }
        for resource in ["tenant", "tenants/settings", "attack-protection/captcha", "stats/daily"] {
            assert_eq!(ObjectType::of_resource(resource), (ObjectType::Tenant, None));
        }
    }

    #[test]
    fn objects_have_the_name_that_auth0_gives_and_a_grant_names_both_sides() {
        let tenant = readings(&[
            (
                ReadingKind::Clients,
                json!([{"client_id": "b", "name": "Backend"}, {"client_id": "a"}]),
            ),
            (
                ReadingKind::ResourceServers,
                json!([{"id": "1", "name": "Orders", "identifier": "https://orders"}]),
            ),
            (
                ReadingKind::ClientGrants,
                json!([
                    {"id": "g1", "client_id": "b", "audience": "https://orders"},
                    {"id": "g2", "client_id": "gone", "audience": "https://other"},
                    {"id": "g3", "default_for": "third_party_clients", "audience": "https://orders"},
                ]),
            ),
            (
                ReadingKind::CustomDomains,
                json!([{"custom_domain_id": "cd", "domain": "login.acme.example"}]),
            ),
            (ReadingKind::Rules, json!([{"id": "r", "name": "x".repeat(300)}])),
        ]);
        let names = ObjectNames::new(&tenant);
        let name = |resource| names.name_of(resource);
        assert_eq!(name("clients/b").as_deref(), Some("Backend"));
        assert_eq!(name("clients/a"), None);
        assert_eq!(name("clients/unknown"), None);
        assert_eq!(name("client-grants/g1").as_deref(), Some("Backend at Orders"));
        assert_eq!(name("client-grants/g2").as_deref(), Some("gone at https://other"));
        assert_eq!(
            name("client-grants/g3").as_deref(),
            Some("all third-party applications at Orders")
        );
        assert_eq!(name("custom-domains/cd").as_deref(), Some("login.acme.example"));
        assert_eq!(name("guardian/factors/sms").as_deref(), Some("sms"));
        assert_eq!(name("rules/r").map(|name| name.chars().count()), Some(NAME_MAX + 1));
        assert_eq!(name("tenants/settings"), None);
    }

    #[test]
    fn every_object_of_the_sample_is_found() {
        let tenant = readings(&samples::hardened().into_iter().collect::<Vec<_>>());
        let names = ObjectNames::new(&tenant);
        let clients = tenant.find::<Clients>().unwrap();
        for client in clients.items() {
            let id = client.client_id.ok().unwrap();
            assert!(names.application(id.as_str()).is_some());
        }
    }
}
