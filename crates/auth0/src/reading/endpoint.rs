//! The endpoint table: one row for each kind of reading that is fetched.

use domain::readings::{Part, ReadingKind};
use domain::scope::Scopes;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::config::Limits;
use crate::reading::pages::{List, PagingScheme};

/// Days of statistics asked for, today included: a year and what checks compare it with.
const STATS_DAYS: i32 = 400;

/// How one kind is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    query: Query,
    body: BodySize,
    /// None where one answer is everything.
    pub list: Option<List>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    None,
    /// `from` and `to` as YYYYMMDD, inclusive.
    LastDays,
    /// Always these.
    These(&'static [(&'static str, &'static str)]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodySize {
    Settings,
    Statistics,
    Page,
}

const SETTINGS: Endpoint = Endpoint { query: Query::None, body: BodySize::Settings, list: None };

/// What is judged of an application. Not asked for: `client_secret`, `signing_keys`, `encryption_key`.
const CLIENT: &str = "client_id,name,global,app_type,is_first_party,oidc_conformant,callbacks,\
    web_origins,allowed_origins,allowed_logout_urls,grant_types,jwt_configuration,\
    cross_origin_authentication,refresh_token,token_endpoint_auth_method,\
    client_authentication_methods,is_token_endpoint_ip_header_trusted,\
    require_pushed_authorization_requests,require_proof_of_possession,third_party_security_mode";
/// `options` comes whole, with a social connection's secret in it, because Auth0 selects members at the
/// top only; decoding drops what is not judged.
const CONNECTION: &str = "id,name,strategy,options";
/// Not asked for: `script`.
const SCRIPT: &str = "id,name,enabled";

const fn list(query: Query, style: PagingScheme, key: &'static str, id: &'static str) -> Endpoint {
    Endpoint { query, body: BodySize::Page, list: Some(List { style, key, id }) }
}

impl Endpoint {
    /// The row of a kind; none for the facts of our own token, which are not fetched.
    pub fn for_kind(kind: ReadingKind) -> Option<Self> {
        use PagingScheme::{Checkpoint, Offset, OffsetAlwaysTotals};
        use Query::{None as Bare, These};
        use ReadingKind as K;
        let row = match kind {
            K::BreachedPasswordDetection
            | K::BruteForceProtection
            | K::SuspiciousIpThrottling
            | K::BotDetection
            | K::Captcha
            | K::CaptchaPolicies
            | K::PhoneProviderProtection
            | K::RiskAssessment
            | K::RiskAssessmentNewDevice
            | K::SupplementalSignals
            | K::MfaPolicies
            | K::ActiveUsers
            // Bare arrays without pages.
            | K::GuardianFactors
            | K::LogStreams
            | K::SigningKeys
            // Settings; of the e-mail provider, Auth0 gives name and state unless more is asked for.
            | K::TenantSettings
            | K::EmailProvider
            | K::Prompts => SETTINGS,
            K::DailyStats => {
                Self { query: Query::LastDays, body: BodySize::Statistics, ..SETTINGS }
            }
            K::Clients => {
                let query = These(&[("is_global", "false"), ("fields", CLIENT)]);
                list(query, Checkpoint, "clients", "client_id")
            }
            K::Connections => {
                list(These(&[("fields", CONNECTION)]), Checkpoint, "connections", "id")
            }
            K::ClientGrants => list(Bare, Checkpoint, "client_grants", "id"),
            K::CustomDomains => list(Bare, Checkpoint, "custom_domains", "custom_domain_id"),
            K::ResourceServers => list(Bare, Offset, "resource_servers", "id"),
            K::NetworkAcls => list(Bare, Offset, "network_acls", "id"),
            K::Actions => list(Bare, OffsetAlwaysTotals, "actions", "id"),
            K::Rules => list(ENABLED_SCRIPTS, Offset, "rules", "id"),
            K::Hooks => list(ENABLED_SCRIPTS, Offset, "hooks", "id"),
            K::TokenFacts => return None,
        };
        Some(row)
    }

    /// The query, in the order of the wire; of a list, what is the same for each page. `granted`: what the
    /// token may do, as far as that is known.
    pub fn query(
        self,
        kind: ReadingKind,
        granted: Option<&Scopes>,
        now: Timestamp,
    ) -> Vec<(&'static str, String)> {
        match self.query {
            Query::None => Vec::new(),
            Query::These(these) => {
                let value = |name: &str, value: &str| match name {
                    "fields" => allowed_fields(kind, granted, value),
                    _ => value.to_owned(),
                };
                these.iter().map(|(name, of)| (*name, value(name, of))).collect()
            }
            Query::LastDays => {
                let today = now.to_zoned(TimeZone::UTC).date();
                let first = today.saturating_sub((STATS_DAYS - 1).days());
                vec![("from", compact(first)), ("to", compact(today))]
            }
        }
    }

    /// The longest body that is read.
    pub fn body_cap(self, limits: &Limits) -> usize {
        match self.body {
            BodySize::Settings => limits.settings_body_bytes,
            BodySize::Statistics => limits.stats_body_bytes,
            BodySize::Page => limits.page_body_bytes,
        }
    }
}

const ENABLED_SCRIPTS: Query = Query::These(&[("enabled", "true"), ("fields", SCRIPT)]);

/// Without the members that Auth0 refuses to name to this token: it would refuse the whole list for one.
fn allowed_fields(kind: ReadingKind, granted: Option<&Scopes>, fields: &str) -> String {
    let is_refused = |field: &str| {
        let mut parts = Part::for_kind(kind).filter(|part| part.is_refused && part.member == field);
        parts.any(|part| granted.is_none_or(|granted| !part.is_given_to(granted)))
    };
    fields.split(',').filter(|field| !is_refused(field)).collect::<Vec<_>>().join(",")
}

/// The path of a kind on its tenant.
pub(crate) fn path(kind: ReadingKind) -> String {
    format!("/api/v2/{}", kind.resource())
}

fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests;
