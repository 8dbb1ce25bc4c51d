//! `tenants/settings`: settings of the tenant as a whole.

use serde::{Deserialize, Serialize};

use super::clients::SecurityMode;
use super::record::{Text, Texts, records};

records! {
    /// `tenants/settings`.
    TenantSettings {
        /// The tenant's name.
        friendly_name: Text,
        /// The API whose tokens are given when none is asked for; empty: none.
        default_audience: Text,
        /// Where users ask for help, by e-mail; empty: nowhere.
        support_email: Text,
        /// Where users ask for help; empty: nowhere.
        support_url: Text,
        /// Where users may be sent after logout.
        allowed_logout_urls: Texts,
        /// Error page for users. Empty: none.
        default_redirection_uri: Text,
        /// Hours until a session ends.
        session_lifetime: Hours,
        /// Hours without activity until a session ends.
        idle_session_lifetime: Hours,
        /// The version of Node.js that extensions run on.
        sandbox_version: Text,
        /// What applications that register themselves may do.
        dynamic_client_registration_security_mode: SecurityMode,
        /// The countries whose phone numbers users may give.
        country_codes: CountryCodes,
        /// Whether a post-login Action decides which factors a login needs.
        customize_mfa_in_postlogin_action: bool,
        /// Switches.
        flags: TenantFlags,
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
        /// The delegation endpoint, long deprecated.
        allow_legacy_delegation_grant_types: bool,
        /// The old password grant.
        allow_legacy_ro_grant_types: bool,
        /// The old endpoint that decodes ID tokens.
        allow_legacy_tokeninfo_endpoint: bool,
        /// The whole profile in tokens.
        enable_legacy_profile: bool,
        /// ID tokens as credentials of the Management API.
        enable_idtoken_api2: bool,
        /// True: login pages may be framed.
        disable_clickjack_protection_headers: bool,
        /// Applications may register themselves.
        enable_dynamic_client_registration: bool,
        /// Signup says whether a user is there.
        enable_public_signup_user_exists_error: bool,
        /// Passwordless flows start only for applications that prove themselves.
        enforce_client_authentication_on_passwordless_start: bool,
        /// The newer model against bots at the signup of the classic login.
        improved_signup_bot_detection_in_classic: bool,
    }
}

/// A time in hours, of which Auth0 allows parts.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Hours(pub f64);

impl Serialize for Hours {
    /// Whole hours as whole numbers, as Auth0 gives them: an undo sends them back.
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

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hours = f64::deserialize(deserializer)?;
        // Auth0's longest session is a year; a hundred of them is no session that we know.
        let is_known = (0.0..=876_000.0).contains(&hours);
        is_known.then_some(Self(hours)).ok_or_else(|| serde::de::Error::custom("not hours"))
    }
}

/// Whether a list of countries says who may or who may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountryMode {
    Allow,
    Deny,
}
