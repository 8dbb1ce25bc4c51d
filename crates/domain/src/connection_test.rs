//! What Test Connection answers: ordered steps with codes, scopes, coverage. The engine makes it.

use serde::{Deserialize, Serialize};

use crate::coverage::Forecast;
use crate::readings::ReadingKind;

/// The steps in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The form, and whether the host may be called.
    Configuration,
    /// DNS, TCP, TLS.
    Reachability,
    /// The client credentials are accepted.
    Token,
    /// The audience is the tenant's Management API and the client may use it.
    Audience,
    /// The required scopes are granted.
    Scopes,
    /// One kind of reading is answered.
    Probe,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StepStatus {
    Passed,
    Failed,
    Skipped,
}

/// What a step found. The texts of the variants are the codes on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepCode {
    /// Nothing wrong.
    Ok,
    /// The form is wrong.
    InvalidConfiguration,
    /// The host is not one this service may call.
    HostNotAllowed,
    /// The name does not resolve.
    DnsFailure,
    /// Nothing listens, or the way there is closed.
    ConnectionRefused,
    /// The certificate or the handshake is wrong.
    TlsFailure,
    /// No answer in time.
    Timeout,
    /// Something answers, and it is not an Auth0 tenant.
    #[serde(rename = "not_auth0")]
    NotAuth0,
    /// Wrong client ID or secret.
    InvalidClient,
    /// The audience is not an API of this tenant.
    UnknownAudience,
    /// The client has no grant for the API, or the tenant refuses it.
    ClientNotAuthorized,
    /// The application may not use client credentials.
    GrantNotAllowed,
    /// A custom domain stands in the audience.
    CustomDomainAudience,
    /// A scope is missing.
    MissingScope,
    /// The plan does not include the feature.
    PlanUnavailable,
    /// Auth0 limits our rate.
    RateLimited,
    /// Auth0 is down.
    #[serde(rename = "auth0_unavailable")]
    Auth0Unavailable,
    /// An answer that we do not understand.
    NotUnderstood,
    /// An earlier step failed.
    Skipped,
}

impl StepCode {
    /// The stable name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::InvalidConfiguration => "invalid_configuration",
            Self::HostNotAllowed => "host_not_allowed",
            Self::DnsFailure => "dns_failure",
            Self::ConnectionRefused => "connection_refused",
            Self::TlsFailure => "tls_failure",
            Self::Timeout => "timeout",
            Self::NotAuth0 => "not_auth0",
            Self::InvalidClient => "invalid_client",
            Self::UnknownAudience => "unknown_audience",
            Self::ClientNotAuthorized => "client_not_authorized",
            Self::GrantNotAllowed => "grant_not_allowed",
            Self::CustomDomainAudience => "custom_domain_audience",
            Self::MissingScope => "missing_scope",
            Self::PlanUnavailable => "plan_unavailable",
            Self::RateLimited => "rate_limited",
            Self::Auth0Unavailable => "auth0_unavailable",
            Self::NotUnderstood => "not_understood",
            Self::Skipped => "skipped",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// The kind, for a probe.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reading: Option<ReadingKind>,
    /// How it ended.
    pub status: StepStatus,
    /// What it found.
    pub code: StepCode,
    /// In words.
    pub message: String,
    /// What to do now.
    pub hint: Option<String>,
    /// Milliseconds it took; none when it did not run.
    pub duration_ms: Option<u64>,
}

/// Whether Save would be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TestOutcome {
    Connected,
    Failed,
}

/// The scopes of the token, compared with what is needed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScopeReport {
    /// What the tenant granted.
    pub granted: Vec<String>,
    /// Required and not granted.
    pub missing_required: Vec<String>,
    /// Would bring further checks.
    pub missing_optional: Vec<String>,
    /// Granted and of no use here.
    pub unneeded: Vec<String>,
}

/// The report of one connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// Whether Save would be accepted.
    pub outcome: TestOutcome,
    /// In order.
    pub steps: Vec<Step>,
    /// Empty until a token was granted.
    pub scopes: ScopeReport,
    /// Which checks would run.
    pub coverage: Forecast,
    /// Milliseconds in all.
    pub duration_ms: u64,
    /// Requests sent to the tenant.
    pub calls: u32,
}

impl TestReport {
    /// The first step that failed.
    pub fn first_failure(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.status == StepStatus::Failed)
    }
}
