//! The endpoint table: one row for each kind of reading.

use domain::readings::{Part, ReadingKind};
use domain::scope::Scopes;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::config::Limits;
use crate::reading::pagination::{List, PagingScheme};

/// Days of statistics to fetch, including today: a year, and the time that checks compare it with.
const STATS_DAYS: i32 = 400;

/// How a kind is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    query: Query,
    body: BodySize,
    /// None: a single response.
    pub list: Option<List>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    None,
    /// `from` and `to` as YYYYMMDD, inclusive.
    LastDays,
    /// Fixed parameters.
    These(&'static [(&'static str, &'static str)]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodySize {
    Settings,
    Statistics,
    Page,
}

const SETTINGS: Endpoint = Endpoint { query: Query::None, body: BodySize::Settings, list: None };

/// The members of an application that checks read. Not fetched: `client_secret`, `signing_keys`, `encryption_key`.
const CLIENT: &str = "client_id,name,global,app_type,is_first_party,oidc_conformant,callbacks,\
    web_origins,allowed_origins,allowed_logout_urls,grant_types,jwt_configuration,\
    cross_origin_authentication,refresh_token,token_endpoint_auth_method,\
    client_authentication_methods,is_token_endpoint_ip_header_trusted,\
    require_pushed_authorization_requests,require_proof_of_possession,third_party_security_mode,mobile";
/// Auth0 selects only top-level members, so `options` includes the secret of a social connection. Decoding drops what
/// is not needed.
const CONNECTION: &str = "id,name,strategy,enabled_clients,options";
/// Not fetched: `script`.
const SCRIPT: &str = "id,name,enabled";

const fn list(query: Query, style: PagingScheme, key: &'static str) -> Endpoint {
    Endpoint { query, body: BodySize::Page, list: Some(List { style, key }) }
}

impl Endpoint {
    /// The row of a kind. None: token facts are not fetched.
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
            // Settings. Of the e-mail provider, Auth0 returns only name and state by default.
            | K::TenantSettings
            | K::EmailProvider
            | K::Prompts => SETTINGS,
            K::DailyStats => {
                Self { query: Query::LastDays, body: BodySize::Statistics, ..SETTINGS }
            }
            K::Clients => {
                let query = These(&[("is_global", "false"), ("fields", CLIENT)]);
                list(query, Checkpoint, "clients")
            }
            K::Connections => {
                list(These(&[("fields", CONNECTION)]), Checkpoint, "connections")
            }
            K::ClientGrants => list(Bare, Checkpoint, "client_grants"),
            K::CustomDomains => list(Bare, Checkpoint, "custom_domains"),
            K::ResourceServers => list(Bare, Offset, "resource_servers"),
            K::NetworkAcls => list(Bare, Offset, "network_acls"),
            K::Actions => list(Bare, OffsetAlwaysTotals, "actions"),
            K::Rules => list(ENABLED_SCRIPTS, Offset, "rules"),
            K::Hooks => list(ENABLED_SCRIPTS, Offset, "hooks"),
            K::TokenFacts => return None,
        };
        Some(row)
    }

    /// The query, without page parameters. `granted`: the scopes of the token, if known.
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

    /// Maximum size of a body.
    pub fn body_cap(self, limits: &Limits) -> usize {
        match self.body {
            BodySize::Settings => limits.settings_body_bytes,
            BodySize::Statistics => limits.stats_body_bytes,
            BodySize::Page => limits.page_body_bytes,
        }
    }
}

const ENABLED_SCRIPTS: Query = Query::These(&[("enabled", "true"), ("fields", SCRIPT)]);

/// Without members that Auth0 refuses to this token: it would refuse the whole list because of one.
fn allowed_fields(kind: ReadingKind, granted: Option<&Scopes>, fields: &str) -> String {
    let is_refused = |field: &str| {
        let mut parts = Part::for_kind(kind).filter(|part| part.is_refused && part.member == field);
        parts.any(|part| granted.is_none_or(|granted| !part.is_given_to(granted)))
    };
    fields.split(',').filter(|field| !is_refused(field)).collect::<Vec<_>>().join(",")
}

/// The path of a kind.
pub(crate) fn path(kind: ReadingKind) -> String {
    format!("/api/v2/{}", kind.resource())
}

fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests;
