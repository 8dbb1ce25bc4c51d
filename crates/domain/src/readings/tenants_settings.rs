//! `tenants/settings`: settings of the tenant as a whole.

use serde::{Deserialize, Serialize};

use super::clients::SecurityMode;
use super::field::Field;
use super::record::{Text, Texts, records};

records! {
    /// `tenants/settings`.
    TenantSettings {
        /// The tenant's name.
        friendly_name: Text = Certain(Text::empty()),
        /// The API whose tokens are given when none is asked for; empty: none.
        default_audience: Text = Certain(Text::empty()),
        /// The connection that password grants use when none is named; empty: none.
        default_directory: Text = Certain(Text::empty()),
        /// Where users ask for help, by e-mail; empty: nowhere.
        support_email: Text = Certain(Text::empty()),
        /// Where users ask for help; empty: nowhere.
        support_url: Text = Certain(Text::empty()),
        /// Where users may be sent after logout.
        allowed_logout_urls: Texts = Certain(Texts::default()),
        /// Error page for users. Empty: none.
        default_redirection_uri: Text = Certain(Text::empty()),
        /// Hours until a session ends.
        session_lifetime: Hours = Certain(Hours(168.0)),
        /// Hours without activity until a session ends.
        idle_session_lifetime: Hours = Certain(Hours(72.0)),
        /// The same in minutes, where it is shorter than an hour.
        session_lifetime_in_minutes: Minutes,
        idle_session_lifetime_in_minutes: Minutes,
        /// Whether a session outlives the browser.
        session_cookie: SessionCookie = Likely(SessionCookie::persistent()),
        /// The version of Node.js that extensions run on.
        sandbox_version: Text,
        /// What applications that register themselves may do. Tenants of before the modes do as permissive ones
        /// ("Migrate to Enhanced Security for Third-Party Applications").
        dynamic_client_registration_security_mode: SecurityMode = Certain(SecurityMode::Permissive),
        /// The countries whose phone numbers users may give. Absent: all (null removes it, in a recording).
        country_codes: CountryCodes = Certain(CountryCodes::unrestricted()),
        /// Whether a post-login Action decides which factors a login needs.
        customize_mfa_in_postlogin_action: bool = Certain(false),
        /// Switches.
        flags: TenantFlags,
    }

    /// The cookie of a session.
    SessionCookie {
        mode: SessionCookieMode = Likely(SessionCookieMode::Persistent),
    }

    /// The countries whose phone numbers users may give.
    CountryCodes {
        /// Whether the list says who may or who may not.
        mode: CountryMode,
        /// Two letters each.
        list: Texts,
    }

    /// The switches of a tenant that checks read.
    TenantFlags {
        /// The delegation endpoint, long deprecated. Off for tenants that did not use it on 8 June 2017.
        allow_legacy_delegation_grant_types: bool = Certain(false),
        /// The old password grant. Closed to customers newer than 8 June 2017.
        allow_legacy_ro_grant_types: bool = Likely(false),
        /// The old endpoint that decodes ID tokens.
        allow_legacy_tokeninfo_endpoint: bool = Likely(false),
        /// The whole profile in tokens.
        enable_legacy_profile: bool = Likely(false),
        /// ID tokens as credentials of the Management API. "Production Readiness Checks": not shown means disabled.
        enable_idtoken_api2: bool = Certain(false),
        /// The first version of the Management API. The same kind of switch, as are the next four.
        enable_mgmt_api_v1: bool = Likely(false),
        /// The address of a user in the redirect after an e-mail is verified.
        include_email_in_verify_email_redirect: bool = Likely(false),
        /// The address of a user in the redirect after a password is reset.
        include_email_in_reset_pwd_redirect: bool = Likely(false),
        /// Whole phone numbers in answers of the Management API.
        disable_management_api_sms_obfuscation: bool = Likely(false),
        /// Each new application gets every connection. On by default (Auth0's schema).
        enable_client_connections: bool = Likely(true),
        /// Revoking a refresh token ends what was granted with it.
        revoke_refresh_token_grant: bool,
        /// True: login pages may be framed.
        disable_clickjack_protection_headers: bool,
        /// Applications may register themselves.
        enable_dynamic_client_registration: bool = Certain(false),
        /// Signup says whether a user is there. Old tenants, on which it does, show it.
        enable_public_signup_user_exists_error: bool = Likely(false),
        /// Passwordless flows start only for applications that prove themselves. Never answered, while each write
        /// answers true (recordings).
        enforce_client_authentication_on_passwordless_start: bool = Likely(true),
        /// The newer model against bots at the signup of the classic login.
        improved_signup_bot_detection_in_classic: bool,
    }
}

impl SessionCookie {
    fn persistent() -> Self {
        Self { mode: Field::Known(SessionCookieMode::Persistent) }
    }
}

impl CountryCodes {
    fn unrestricted() -> Self {
        Self { list: Field::Known(Texts::default()), mode: Field::Absent }
    }
}

/// Whether a session outlives the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionCookieMode {
    Persistent,
    NonPersistent,
}

/// A time in hours, of which Auth0 allows parts.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Hours(pub f64);

/// A time in minutes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Minutes(pub f64);

/// Times that end, within a hundred years: Auth0's longest session is one. No session ends as it begins.
macro_rules! times {
    ($($name:ident up to $most:literal;)*) => {$(
        impl Serialize for $name {
            /// Whole numbers as such, as Auth0 gives them: an undo sends them back.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.0.fract() != 0.0 {
                    return serializer.serialize_f64(self.0);
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole and within the bounds of what is read"
                )]
                serializer.serialize_u64(self.0 as u64)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let time = f64::deserialize(deserializer)?;
                let is_known = time > 0.0 && time <= $most;
                is_known.then_some(Self(time)).ok_or_else(|| serde::de::Error::custom("no lifetime"))
            }
        }
    )*};
}

times! {
    Hours up to 876_000.0;
    Minutes up to 52_560_000.0;
}

/// Whether a list of countries says who may or who may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountryMode {
    Allow,
    Deny,
}
