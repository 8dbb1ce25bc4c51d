//! The kinds of Auth0 resource that this service reads, each typed in its own file. A new kind needs its
//! file, its row here, and its row in the endpoint table of `auth0`. Members that need a separate scope are
//! in `parts`.

mod absent_defaults;
mod apis;
mod attack_protection;
mod captcha;
mod clients;
mod connections;
mod extensions;
mod field;
mod guardian;
mod object_id;
pub mod parts;
mod placeholder;
mod platform;
mod record;
mod risk;
mod statistics;
mod tenants_settings;
mod token;

pub use absent_defaults::{Assumed, Certainty};
pub use apis::{
    AccessPolicy, AccessRule, ClientGrant, ClientGrants, GrantDefault, ProofOfPossession,
    ResourceServer, ResourceServers, SubjectTypeAuthorization,
};
pub use attack_protection::{
    BotDetection, BotLevel, BreachedPasswordDetection, BreachedPasswordMethod,
    BreachedPasswordStages, BruteForceMode, BruteForceProtection, ChallengePolicy,
    NotificationFrequency, PhoneProviderProtection, PhoneProviderType, Shield, ShieldsOnly,
    SuspiciousIpStages, SuspiciousIpThrottling, Throttle,
};
pub use captcha::{
    Captcha, CaptchaAction, CaptchaPolicies, CaptchaPolicy, CaptchaProvider, ProviderSettings,
};
pub use clients::{
    AndroidApp, AppType, Client, ClientAuthentication, Clients, Configured, ExpirationType,
    GrantType, IosApp, JwtConfiguration, MobileApps, RefreshToken, RefreshTokenPolicy,
    RotationType, SecurityMode, SigningAlgorithm, TokenEndpointAuth,
};
pub use connections::{
    ActiveSwitch, AuthenticationMethod, AuthenticationMethods, Connection, ConnectionMfa,
    ConnectionOptions, Connections, PasswordComplexity, PasswordOptions, PasswordPolicy, Switch,
};
pub use extensions::{
    Action, ActionStatus, ActionTrigger, ActionTriggers, Actions, Hook, Hooks, LoginExperience,
    Prompts, Rule, Rules,
};
pub use field::{Count, Field, Members, Sorted, has_unlisted};
pub use guardian::{Factor, GuardianFactor, GuardianFactors, MfaPolicies, MfaPolicy};
pub use object_id::ObjectId;
pub use parts::Part;
pub use placeholder::has_placeholder;
pub use platform::{
    CustomDomain, CustomDomainStatus, CustomDomains, EmailProvider, LogStream, LogStreamStatus,
    LogStreams, NetworkAcl, NetworkAclAction, NetworkAclRule, NetworkAclScope, NetworkAcls,
    SigningKey, SigningKeys, TlsPolicy,
};
pub use record::{Collection, Record, Text, Texts};
pub use risk::{RiskAssessment, RiskAssessmentNewDevice, SupplementalSignals};
pub use statistics::{ActiveUsers, DailyStats, DayOfActivity};
pub use tenants_settings::{
    CountryCodes, CountryMode, Hours, Minutes, SessionCookie, SessionCookieMode, TenantFlags,
    TenantSettings,
};
pub use token::TokenFacts;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scope::{REQUIRED, Scopes};

macro_rules! kinds {
    ($($kind:ident = $name:literal, $resource:literal, $scope:expr, $need:ident, $shape:ident $(($id:literal))?;)*) => {
        /// One kind of Auth0 resource.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum ReadingKind {
            $(
                #[doc = concat!("`", $resource, "`")]
                #[serde(rename = $name)]
                $kind,
            )*
        }

        impl ReadingKind {
            /// All kinds, in reading and display order.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Name in the API; never changes.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// The resource: the Management API path without `/api/v2/`.
            pub const fn resource(self) -> &'static str {
                match self { $(Self::$kind => $resource),* }
            }

            /// Scope of the reading; none for the token reading.
            pub const fn scope(self) -> Option<&'static str> {
                match self { $(Self::$kind => $scope),* }
            }

            /// Consequence if Auth0 does not return the resource.
            pub const fn need(self) -> Need {
                match self { $(Self::$kind => Need::$need),* }
            }

            const fn shape(self) -> Shape {
                match self { $(Self::$kind => Shape::$shape $(($id))?),* }
            }

            fn decode_as_is(self, body: Value) -> Result<Reading, serde_json::Error> {
                match self {
                    $(Self::$kind => serde_json::from_value(body).map(Reading::$kind),)*
                }
            }
        }

        /// A resource that was read.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(clippy::large_enum_variant, reason = "a few dozen live as long as a sync")]
        pub enum Reading {
            $(
                #[doc = concat!("`", $resource, "`")]
                $kind($kind),
            )*
        }

        impl Reading {
            pub fn kind(&self) -> ReadingKind {
                match self { $(Self::$kind(_) => ReadingKind::$kind),* }
            }

            /// The normalised body: known fields only, sorted sets, no secrets.
            pub fn to_json(&self) -> Value {
                match self { $(Self::$kind(body) => serde_json::to_value(body)),* }
                    .expect("a reading is made of plain JSON types")
            }

            /// What is assumed of the value at a JSON Pointer, if that is absent.
            pub fn assumed_at(&self, pointer: &str) -> Option<Assumed> {
                use record::Plain as _;
                match self { $(Self::$kind(body) => body.assumed_at(pointer)),* }
            }
        }

        $(
            impl Resource for $kind {
                const KIND: ReadingKind = ReadingKind::$kind;
                fn from_reading(reading: &Reading) -> Option<&Self> {
                    match reading {
                        Reading::$kind(body) => Some(body),
                        _ => None,
                    }
                }
            }
        )*
    };
}

// Kind, its name on the wire, its resource, the scope that reads it, its need, and the shape of its body.
kinds! {
    BreachedPasswordDetection = "breached_password_detection", "attack-protection/breached-password-detection", Some(REQUIRED[0]), Essential, Object;
    BruteForceProtection = "brute_force_protection", "attack-protection/brute-force-protection", Some(REQUIRED[0]), Essential, Object;
    SuspiciousIpThrottling = "suspicious_ip_throttling", "attack-protection/suspicious-ip-throttling", Some(REQUIRED[0]), Essential, Object;
    BotDetection = "bot_detection", "attack-protection/bot-detection", Some(REQUIRED[0]), ByPlan, Object;
    Captcha = "captcha", "attack-protection/captcha", Some(REQUIRED[0]), ByPlan, Object;
    CaptchaPolicies = "captcha_policies", "attack-protection/captcha/policies", Some(REQUIRED[0]), OnlySomeTenants, Collection("id");
    PhoneProviderProtection = "phone_provider_protection", "attack-protection/phone-provider-protection", Some(REQUIRED[0]), OnlySomeTenants, Object;
    RiskAssessment = "risk_assessment", "risk-assessments/settings", Some(REQUIRED[0]), ByPlan, Object;
    RiskAssessmentNewDevice = "risk_assessment_new_device", "risk-assessments/settings/new-device", Some(REQUIRED[0]), ByPlan, Object;
    SupplementalSignals = "supplemental_signals", "supplemental-signals", Some(REQUIRED[0]), OnlySomeTenants, Object;
    MfaPolicies = "mfa_policies", "guardian/policies", Some(REQUIRED[1]), Essential, List;
    DailyStats = "daily_stats", "stats/daily", Some(REQUIRED[2]), Essential, List;
    ActiveUsers = "active_users", "stats/active-users", Some(REQUIRED[2]), Essential, Number;
    TokenFacts = "token", "token", None, Essential, Object;
    GuardianFactors = "guardian_factors", "guardian/factors", Some("read:guardian_factors"), Optional, Collection("name");
    TenantSettings = "tenants_settings", "tenants/settings", Some("read:tenant_settings"), Optional, Object;
    Clients = "clients", "clients", Some("read:clients"), Optional, Collection("client_id");
    ClientGrants = "client_grants", "client-grants", Some("read:client_grants"), Optional, Collection("id");
    ResourceServers = "resource_servers", "resource-servers", Some("read:resource_servers"), Optional, Collection("id");
    Connections = "connections", "connections", Some("read:connections"), Optional, Collection("id");
    LogStreams = "log_streams", "log-streams", Some("read:log_streams"), Optional, Collection("id");
    NetworkAcls = "network_acls", "network-acls", Some("read:network_acls"), Optional, Collection("id");
    CustomDomains = "custom_domains", "custom-domains", Some("read:custom_domains"), Optional, Collection("custom_domain_id");
    EmailProvider = "emails_provider", "emails/provider", Some("read:email_provider"), Optional, Object;
    SigningKeys = "keys_signing", "keys/signing", Some("read:signing_keys"), Optional, Collection("kid");
    Actions = "actions_actions", "actions/actions", Some("read:actions"), Optional, Collection("id");
    Rules = "rules", "rules", Some("read:rules"), Optional, Collection("id");
    Hooks = "hooks", "hooks", Some("read:hooks"), Optional, Collection("id");
    Prompts = "prompts", "prompts", Some("read:prompts"), Optional, Object;
}

/// A typed body that knows its kind.
pub trait Resource: Sized {
    /// Which kind it is.
    const KIND: ReadingKind;
    /// The body inside a reading of that kind.
    fn from_reading(reading: &Reading) -> Option<&Self>;
}

/// Consequence if Auth0 refuses a resource because of the plan or does not have it (404).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every tenant has it. Without it a connection test fails.
    Essential,
    /// Some plans lack it. Its checks are then unknown.
    ByPlan,
    /// Auth0 offers it to some tenants only. Its checks are otherwise not applicable.
    OnlySomeTenants,
    /// Fetched only if its scope is granted. Its checks are otherwise not enabled.
    Optional,
}

/// The JSON type of a body. Lists and collections are arrays, also where Auth0 wraps their pages in objects.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Object,
    List,
    /// A list of objects that this member identifies.
    Collection(&'static str),
    Number,
}

impl ReadingKind {
    /// Kinds fetched with the required scopes: neither the token reading nor optional ones.
    pub fn fetched() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|kind| kind.scope().is_some() && kind.need() != Need::Optional)
    }

    /// The essential kinds: a sync without any of them fails.
    pub fn essential() -> impl Iterator<Item = Self> {
        Self::fetched().filter(|kind| kind.need() == Need::Essential)
    }

    /// Kinds fetched with these scopes: all with required scopes, and the optional ones whose scope is
    /// granted.
    pub fn fetched_with(scopes: &Scopes) -> Vec<Self> {
        let is_granted = |kind: &Self| kind.scope().is_some_and(|scope| scopes.contains(scope));
        let optional = Self::ALL.iter().copied().filter(|kind| kind.need() == Need::Optional);
        Self::fetched().chain(optional.filter(is_granted)).collect()
    }

    /// The member that identifies an object of a collection.
    pub const fn identified_by(self) -> Option<&'static str> {
        match self.shape() {
            Shape::Collection(member) => Some(member),
            Shape::Object | Shape::List | Shape::Number => None,
        }
    }

    /// Decodes a body; for a paged list, the items of all pages. The error says, without quoting the body,
    /// that the whole body has another shape: then nothing was read.
    pub fn decode(self, body: Value) -> Result<Reading, String> {
        let body = absent_defaults::without_nulls(body);
        // serde also reads a struct from an array, so the outer shape is checked first.
        let has_shape = match self.shape() {
            Shape::Object => body.is_object(),
            Shape::List | Shape::Collection(_) => body.is_array(),
            Shape::Number => body.is_number(),
        };
        let misfit = || format!("the answer is not what {} gives", self.resource());
        if !has_shape {
            return Err(misfit());
        }
        let reading = self.decode_as_is(body).map_err(|_| misfit())?;
        if reading.to_json() == Value::Object(serde_json::Map::new()) {
            return Err(format!("the answer has none of the fields of {}", self.resource()));
        }
        Ok(reading)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Reading {
    /// A 404 of `emails/provider`: the tenant has no provider of its own.
    pub fn no_email_provider() -> Self {
        Self::EmailProvider(EmailProvider::none())
    }
}

#[cfg(test)]
mod tests;
