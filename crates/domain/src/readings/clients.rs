//! `clients`: the applications of a tenant. Never their secrets, keys or add-ons.

use serde::{Deserialize, Serialize};

use super::field::{Count, Members};
use super::object_id::ObjectId;
use super::record::{Text, Texts, lists, objects, records};

lists! {
    /// `clients`.
    Clients of Client by client_id;
}

/// What refresh tokens may be exchanged for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefreshTokenPolicies(#[serde(deserialize_with = "objects")] Vec<RefreshTokenPolicy>);

records! {
    /// One application.
    Client {
        client_id: ObjectId,
        /// Its name.
        name: Text,
        /// The tenant's own "All Applications" client, which nobody can log in with.
        global: bool = Certain(false),
        /// What sort of application it is.
        app_type: AppType,
        /// False: a third-party application; users are asked for consent.
        is_first_party: bool = Certain(true),
        /// Whether strict OIDC rules hold for it.
        oidc_conformant: bool = Certain(false),
        /// Where users are sent after login.
        callbacks: Texts = Certain(Texts::default()),
        /// Origins that may use the silent flows.
        web_origins: Texts = Certain(Texts::default()),
        /// Origins that may call by CORS. Where none is set those of the callbacks may (Auth0's schema).
        allowed_origins: Texts = Certain(Texts::default()),
        /// Where users are sent after logout.
        allowed_logout_urls: Texts = Certain(Texts::default()),
        /// Its grants.
        grant_types: Members<GrantType>,
        /// How its ID tokens are signed.
        jwt_configuration: JwtConfiguration,
        /// Whether its own page may send passwords from another origin.
        cross_origin_authentication: bool,
        /// Its refresh tokens.
        refresh_token: RefreshToken,
        /// Client authentication with a secret. Absent beside the next member: with a key or a certificate. Absent
        /// without it: with a secret, since only `none` makes an application public ("Confidential and Public
        /// Applications").
        token_endpoint_auth_method: TokenEndpointAuth = Likely(TokenEndpointAuth::ClientSecretPost),
        /// Client authentication with a key or a certificate.
        client_authentication_methods: ClientAuthentication = Certain(ClientAuthentication::default()),
        /// For third-party applications, how strictly they are checked. Those of before the modes answer permissive
        /// ("Permissive Mode for Third-Party Applications").
        third_party_security_mode: SecurityMode = Likely(SecurityMode::Permissive),
        /// Whether the address it forwards is believed.
        is_token_endpoint_ip_header_trusted: bool = Certain(false),
        /// Whether it must push its authorization requests (RFC 9126).
        require_pushed_authorization_requests: bool = Certain(false),
        /// Whether its tokens must be bound to a key of its own.
        require_proof_of_possession: bool = Certain(false),
        /// The apps of a native application.
        mobile: MobileApps = Certain(MobileApps::default()),
    }

    /// The apps of a native application.
    MobileApps {
        android: AndroidApp = Certain(AndroidApp::default()),
        ios: IosApp = Certain(IosApp::default()),
    }

    /// An Android app.
    AndroidApp {
        app_package_name: Text = Certain(Text::empty()),
    }

    /// An iOS app.
    IosApp {
        app_bundle_identifier: Text = Certain(Text::empty()),
    }

    /// How ID tokens are signed. All members, because Auth0 replaces the whole object.
    JwtConfiguration {
        /// The algorithm. Absent after every creation without it; an Auth0 maintainer and a decoded token say HS256.
        alg: SigningAlgorithm = Likely(SigningAlgorithm::HS256),
        /// Their lifetime.
        lifetime_in_seconds: Count = Certain(Count(36_000)),
        /// Whether the secret is base64.
        secret_encoded: bool = Certain(false),
    }

    /// The refresh tokens of an application. All members, because Auth0 replaces the whole object.
    RefreshToken {
        /// Whether each use gives a new one.
        rotation_type: RotationType,
        /// Whether they end.
        expiration_type: ExpirationType,
        /// Seconds in which the old one still works.
        leeway: Count,
        /// Seconds until one ends.
        token_lifetime: Count,
        /// True: never, however old.
        infinite_token_lifetime: bool,
        /// Seconds without use until one ends.
        idle_token_lifetime: Count,
        /// True: never, however long unused.
        infinite_idle_token_lifetime: bool,
        /// What they may be exchanged for.
        policies: RefreshTokenPolicies = Certain(RefreshTokenPolicies::default()),
    }

    /// What a refresh token may be exchanged for.
    RefreshTokenPolicy {
        /// The API.
        audience: Text,
        /// What may be done there.
        scope: Texts,
    }

    /// Client authentication without a shared secret. Only configured methods are present.
    ClientAuthentication {
        /// By a signed assertion.
        private_key_jwt: Configured,
        /// By a certificate of an authority.
        tls_client_auth: Configured,
        /// By a certificate of one's own.
        self_signed_tls_client_auth: Configured,
    }
}

/// A value of which only the presence is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Configured;

impl<'de> Deserialize<'de> for Configured {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Map::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for Configured {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::Map::new().serialize(serializer)
    }
}

/// What sort of application it is: the five that people make, and Auth0's ready-made integrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppType {
    Native,
    Spa,
    RegularWeb,
    NonInteractive,
    ResourceServer,
    ExpressConfiguration,
    SsoIntegration,
    Oag,
    Rms,
    Box,
    Cloudbees,
    Concur,
    Dropbox,
    Mscrm,
    Echosign,
    Egnyte,
    Newrelic,
    Office365,
    Salesforce,
    Sentry,
    Sharepoint,
    Slack,
    Springcm,
    Zendesk,
    Zoom,
}

/// How an application gets tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GrantType {
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    #[serde(rename = "implicit")]
    Implicit,
    #[serde(rename = "password")]
    Password,
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    #[serde(rename = "urn:openid:params:grant-type:ciba")]
    Ciba,
    #[serde(rename = "http://auth0.com/oauth/grant-type/password-realm")]
    PasswordRealm,
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-otp")]
    MfaOtp,
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-oob")]
    MfaOob,
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-recovery-code")]
    MfaRecoveryCode,
    #[serde(rename = "http://auth0.com/oauth/grant-type/passwordless/otp")]
    PasswordlessOtp,
    #[serde(rename = "urn:okta:params:oauth:grant-type:webauthn")]
    Webauthn,
    #[serde(rename = "http://auth0.com/oauth/legacy/grant-type/ro")]
    LegacyRo,
    #[serde(rename = "http://auth0.com/oauth/legacy/grant-type/ro/jwt-bearer")]
    LegacyRoJwtBearer,
    #[serde(rename = "http://auth0.com/oauth/legacy/grant-type/delegation/refresh_token")]
    LegacyDelegationRefreshToken,
    #[serde(rename = "http://auth0.com/oauth/legacy/grant-type/delegation/id_token")]
    LegacyDelegationIdToken,
    #[serde(rename = "http://auth0.com/oauth/legacy/grant-type/access_token")]
    LegacyAccessToken,
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    HS256,
    RS256,
    RS512,
    PS256,
}

/// Whether a refresh token is replaced at each use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RotationType {
    Rotating,
    NonRotating,
}

/// Whether a refresh token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpirationType {
    Expiring,
    NonExpiring,
}

/// How an application sends its secret to the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuth {
    /// It has none.
    None,
    /// In the body.
    ClientSecretPost,
    /// In a header.
    ClientSecretBasic,
}

/// How strictly third-party applications are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityMode {
    Strict,
    Permissive,
}
