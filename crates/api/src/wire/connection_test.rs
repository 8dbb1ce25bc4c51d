//! The report of a connection test.

use domain::HistoryEntryId;
use domain::connection_test::{self as test, TestReport};
use domain::coverage;
use engine::TestAnswer;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire_enum;

wire_enum! {
    /// The steps in their order.
    StepName of test::StepName { Configuration, Reachability, Token, Audience, Scopes, Probe }
}

wire_enum! {
    /// How a step ended.
    StepStatus of test::StepStatus { Passed, Failed, Skipped }
}

wire_enum! {
    /// What a step found.
    StepCode of test::StepCode {
        Ok, InvalidConfiguration, HostNotAllowed, DnsFailure, ConnectionRefused, TlsFailure,
        Timeout, NotAuth0, InvalidClient, UnknownAudience, ClientNotAuthorized, GrantNotAllowed,
        CustomDomainAudience, MissingScope, PlanUnavailable, RateLimited, Auth0Unavailable,
        NotUnderstood, Skipped,
    }
}

wire_enum! {
    /// Whether Save would be accepted.
    TestOutcome of test::TestOutcome { Connected, Failed }
}

/// What a connection test found, step by step, and what to do about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "outcome": "connected", "recorded": false, "reason": "unsaved_configuration",
    "duration_ms": 212, "calls": 13,
    "steps": [
        {"name": "token", "status": "passed", "code": "ok", "message": "The tenant accepted the client ID and secret.", "hint": null, "duration_ms": 51},
        {"name": "probe", "reading": "bot_detection", "status": "failed", "code": "plan_unavailable", "message": "The tenant's plan does not include this feature.", "hint": "Its checks stay unknown until the plan includes it.", "duration_ms": 49}
    ],
    "scopes": {"granted": ["read:attack_protection", "read:mfa_policies", "read:stats", "update:users"], "missing_required": [], "missing_optional": ["read:clients"], "unneeded": ["update:users"]},
    "coverage": {"checks_total": 123, "checks_not_enabled": 54, "checks_runnable": 57, "percent": 82, "not_runnable": [{"check_id": "bot-detection-off", "reason": "plan_unavailable", "scopes": []}]},
    "normalised": []
}))]
pub struct ConnectionTest {
    /// Whether Save would be accepted.
    pub outcome: TestOutcome,
    /// Whether the history has a row of it.
    pub recorded: bool,
    /// Why not: `unsaved_configuration` or `changed_fields`.
    pub reason: Option<&'static str>,
    /// The row.
    pub history_entry_id: Option<Uuid>,
    /// Milliseconds in all.
    pub duration_ms: u64,
    /// Requests sent to the tenant.
    pub calls: u32,
    /// In order; after a failure the steps that need it are `skipped`.
    pub steps: Vec<Step>,
    /// The scopes of the token, compared with what is needed. Empty until a token was granted.
    pub scopes: Scopes,
    /// Which checks a sync would run.
    pub coverage: Forecast,
    /// The fields that were rewritten to their normal form.
    pub normalised: Vec<&'static str>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// The kind of reading, for a probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "bot_detection")]
    pub reading: Option<&'static str>,
    /// How it ended.
    pub status: StepStatus,
    /// What it found.
    pub code: StepCode,
    /// In words.
    pub message: String,
    /// What to do now.
    pub hint: Option<String>,
    /// Milliseconds; null when it did not run.
    pub duration_ms: Option<u64>,
}

/// The scopes of the token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenScopes)]
pub struct Scopes {
    /// What the tenant granted.
    pub granted: Vec<String>,
    /// Required and not granted: Save is refused.
    pub missing_required: Vec<String>,
    /// Each would bring further checks.
    pub missing_optional: Vec<String>,
    /// Granted and of no use here: take them away, above all those that can write.
    pub unneeded: Vec<String>,
}

/// Which checks a sync would run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoverageForecast)]
pub struct Forecast {
    /// The whole catalogue.
    pub checks_total: u32,
    /// Say nothing for want of optional scopes.
    pub checks_not_enabled: u32,
    /// Would be judged, or have nothing to judge.
    pub checks_runnable: u32,
    /// Runnable of those that are enabled, rounded down.
    #[schema(maximum = 100)]
    pub percent: u8,
    /// Every check that would not be judged, and why.
    pub not_runnable: Vec<NotRunnable>,
}

/// A check that would not be judged.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotRunnable {
    /// Which.
    pub check_id: String,
    /// Why.
    pub reason: String,
    /// The scopes that would bring it.
    pub scopes: Vec<String>,
}

impl ConnectionTest {
    /// A test that the history has no row of.
    pub fn unrecorded(report: &TestReport, reason: &'static str) -> Self {
        Self::new(report, false, Some(reason), None, Vec::new())
    }

    fn new(
        report: &TestReport,
        recorded: bool,
        reason: Option<&'static str>,
        entry: Option<HistoryEntryId>,
        normalised: Vec<&'static str>,
    ) -> Self {
        Self {
            outcome: report.outcome.into(),
            recorded,
            reason,
            history_entry_id: entry.map(|id| id.0),
            duration_ms: report.duration_ms,
            calls: report.calls,
            steps: report.steps.iter().map(Step::from).collect(),
            scopes: Scopes::from(&report.scopes),
            coverage: Forecast::from(&report.coverage),
            normalised,
        }
    }
}

impl From<TestAnswer> for ConnectionTest {
    fn from(answer: TestAnswer) -> Self {
        let TestAnswer { report, recorded, reason, history_entry_id, normalised } = answer;
        Self::new(&report, recorded, reason, history_entry_id, normalised)
    }
}

impl From<&test::Step> for Step {
    fn from(step: &test::Step) -> Self {
        Self {
            name: step.name.into(),
            reading: step.reading.map(domain::readings::ReadingKind::name),
            status: step.status.into(),
            code: step.code.into(),
            message: step.message.clone(),
            hint: step.hint.clone(),
            duration_ms: step.duration_ms,
        }
    }
}

impl From<&test::ScopeReport> for Scopes {
    fn from(report: &test::ScopeReport) -> Self {
        Self {
            granted: report.granted.clone(),
            missing_required: report.missing_required.clone(),
            missing_optional: report.missing_optional.clone(),
            unneeded: report.unneeded.clone(),
        }
    }
}

impl From<&coverage::Forecast> for Forecast {
    fn from(forecast: &coverage::Forecast) -> Self {
        let not_runnable = forecast.not_runnable.iter().map(|each| NotRunnable {
            check_id: each.check_id.clone(),
            reason: each.reason.clone(),
            scopes: each.scopes.clone(),
        });
        Self {
            checks_total: forecast.checks_total,
            checks_not_enabled: forecast.checks_not_enabled,
            checks_runnable: forecast.checks_runnable,
            percent: forecast.percent,
            not_runnable: not_runnable.collect(),
        }
    }
}
