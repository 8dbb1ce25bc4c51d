//! The report of a connection test: steps with codes, scopes and coverage.

use serde::{Deserialize, Serialize};

use crate::coverage::{Forecast, ScopeReport};
use crate::named_enum::named_enum;
use crate::readings::{Need, ReadingKind};

named_enum! {
    /// Steps, in order.
    pub enum StepName {
        /// The form is valid and the host may be called.
        Configuration = "configuration",
        /// DNS, TCP and TLS work.
        Reachability = "reachability",
        /// The client credentials are accepted.
        Token = "token",
        /// The audience is the tenant's Management API and the client may use it.
        Audience = "audience",
        /// The required scopes are granted.
        Scopes = "scopes",
        /// Auth0 returns one reading.
        Probe = "probe",
    }
}

named_enum! {
    pub enum StepStatus {
        Passed = "passed",
        Failed = "failed",
        Skipped = "skipped",
    }
}

named_enum! {
    /// Result code of a step.
    pub enum StepCode {
        Ok = "ok",
        /// The form is not valid.
        InvalidConfiguration = "invalid_configuration",
        /// The host may not be called.
        HostNotAllowed = "host_not_allowed",
        /// The name does not resolve.
        DnsFailure = "dns_failure",
        /// The connection was refused or is not possible.
        ConnectionRefused = "connection_refused",
        /// The certificate or the TLS handshake failed.
        TlsFailure = "tls_failure",
        /// No response in time.
        Timeout = "timeout",
        /// The response does not come from an Auth0 tenant.
        NotAuth0 = "not_auth0",
        /// Wrong client ID or secret.
        InvalidClient = "invalid_client",
        /// The audience is not an API of this tenant.
        UnknownAudience = "unknown_audience",
        /// The client has no grant for the API, or the tenant refuses it.
        ClientNotAuthorized = "client_not_authorized",
        /// The application may not use client credentials.
        GrantNotAllowed = "grant_not_allowed",
        /// The audience has a custom domain.
        CustomDomainAudience = "custom_domain_audience",
        MissingScope = "missing_scope",
        /// The plan does not include the feature.
        PlanUnavailable = "plan_unavailable",
        /// Auth0 responded with 429.
        RateLimited = "rate_limited",
        Auth0Unavailable = "auth0_unavailable",
        /// A response that is not understood.
        NotUnderstood = "not_understood",
        /// An earlier step failed.
        Skipped = "skipped",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub name: StepName,
    /// Set for probes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reading: Option<ReadingKind>,
    pub status: StepStatus,
    pub code: StepCode,
    /// Human-readable message.
    pub message: String,
    pub hint: Option<String>,
    /// None: the step did not run.
    pub duration_ms: Option<u64>,
}

named_enum! {
    /// Whether saving would be accepted.
    pub enum TestOutcome {
        Connected = "connected",
        Failed = "failed",
    }
}

/// The report of one connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// Whether saving would be accepted.
    pub outcome: TestOutcome,
    pub steps: Vec<Step>,
    /// Empty: no token was granted.
    pub scopes: ScopeReport,
    pub coverage: Forecast,
    pub duration_ms: u64,
    pub calls: u32,
}

impl Step {
    /// Whether a failure of this step fails the test. Of the probes, only those of essential readings do.
    fn is_decisive(&self) -> bool {
        self.reading.is_none_or(|kind| kind.need() == Need::Essential)
    }
}

impl TestReport {
    /// The failed step that decides the outcome, for one-line reports. None if the outcome is `connected`,
    /// whatever else failed.
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

    /// The report in one line. A failed probe is shown with its reading.
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

    /// Whether a call to the tenant's host was attempted.
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
    fn the_deciding_failure_is_reported_and_not_the_first_one() {
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
