//! What Test Connection answers: ordered steps with codes, scopes, coverage. The engine makes it.

use serde::{Deserialize, Serialize};

use crate::coverage::Forecast;
use crate::readings::{Need, ReadingKind};

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

impl Step {
    /// Whether its failure fails the whole test: of the probes only those of essential readings do.
    fn is_decisive(&self) -> bool {
        self.reading.is_none_or(|kind| kind.need() == Need::Essential)
    }
}

impl TestReport {
    /// The failure that decides the outcome: what whoever has one line for the report says. None when the
    /// tenant is connected, whatever else failed.
    pub fn deciding_failure(&self) -> Option<&Step> {
        let is_deciding = |step: &&Step| step.status == StepStatus::Failed && step.is_decisive();
        match self.outcome {
            TestOutcome::Connected => None,
            TestOutcome::Failed => self.steps.iter().find(is_deciding),
        }
    }

    /// The report as one code.
    pub fn code(&self) -> StepCode {
        match (self.outcome, self.deciding_failure()) {
            (TestOutcome::Connected, _) => StepCode::Ok,
            (TestOutcome::Failed, Some(step)) => step.code,
            (TestOutcome::Failed, None) => StepCode::NotUnderstood,
        }
    }

    /// The report in one line. The failure of a probe names its reading.
    pub fn message(&self) -> String {
        match (self.outcome, self.deciding_failure()) {
            (TestOutcome::Connected, _) => "The tenant accepts the connection.".to_owned(),
            (TestOutcome::Failed, Some(Step { reading: Some(kind), message, .. }))
                if !message.contains(kind.name()) =>
            {
                format!("{}: {message}", kind.name())
            }
            (TestOutcome::Failed, Some(step)) => step.message.clone(),
            (TestOutcome::Failed, None) => "The tenant does not give what is needed.".to_owned(),
        }
    }

    /// Whether the tenant's host was called, or tried.
    pub fn has_called(&self) -> bool {
        let is_call =
            |step: &Step| step.name > StepName::Configuration && step.status != StepStatus::Skipped;
        self.steps.iter().any(is_call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: StepName, reading: Option<ReadingKind>, code: StepCode) -> Step {
        let status = match code {
            StepCode::Ok => StepStatus::Passed,
            StepCode::Skipped => StepStatus::Skipped,
            _ => StepStatus::Failed,
        };
        Step {
            name,
            reading,
            status,
            code,
            message: format!("{code:?}"),
            hint: None,
            duration_ms: None,
        }
    }

    fn report(outcome: TestOutcome, steps: Vec<Step>) -> TestReport {
        let (scopes, coverage) = (ScopeReport::default(), Forecast::default());
        TestReport { outcome, steps, scopes, coverage, duration_ms: 0, calls: 0 }
    }

    #[test]
    fn the_failure_that_decides_is_told_and_not_the_first_one() {
        let probe = |kind, code| step(StepName::Probe, Some(kind), code);
        let steps = vec![
            step(StepName::Scopes, None, StepCode::Ok),
            probe(ReadingKind::SupplementalSignals, StepCode::PlanUnavailable),
            probe(ReadingKind::MfaPolicies, StepCode::MissingScope),
            probe(ReadingKind::DailyStats, StepCode::Timeout),
        ];
        let failed = report(TestOutcome::Failed, steps.clone());
        let deciding = failed.deciding_failure().unwrap();
        assert_eq!(deciding.reading, Some(ReadingKind::MfaPolicies));
        assert_eq!(
            (failed.code(), failed.message()),
            (StepCode::MissingScope, "mfa_policies: MissingScope".to_owned())
        );
        let connected = report(TestOutcome::Connected, steps[..2].to_vec());
        assert!(connected.deciding_failure().is_none());
        assert_eq!(connected.code(), StepCode::Ok);
    }

    #[test]
    fn a_refusal_before_the_probes_decides() {
        let steps = vec![
            step(StepName::Scopes, None, StepCode::MissingScope),
            step(StepName::Probe, Some(ReadingKind::MfaPolicies), StepCode::Timeout),
        ];
        assert_eq!(report(TestOutcome::Failed, steps).code(), StepCode::MissingScope);
    }

    #[test]
    fn a_host_that_is_not_allowed_was_not_called() {
        let refused = step(StepName::Configuration, None, StepCode::HostNotAllowed);
        let rest = step(StepName::Token, None, StepCode::Skipped);
        assert!(!report(TestOutcome::Failed, vec![refused, rest]).has_called());
        let tried = step(StepName::Reachability, None, StepCode::DnsFailure);
        assert!(report(TestOutcome::Failed, vec![tried]).has_called());
    }
}
