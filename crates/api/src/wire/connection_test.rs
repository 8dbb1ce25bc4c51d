//! Report of a connection test.

use domain::HistoryEntryId;
use domain::connection_test::{self as test, TestReport};
use domain::coverage;
use domain::coverage::ScopeReport;
use engine::TestAnswer;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire_enum;

wire_enum! {
    /// Steps of a connection test, in order.
    TestStepName of test::StepName
}

wire_enum! {
    /// Result of a step.
    TestStepStatus of test::StepStatus
}

wire_enum! {
    /// Result code of a step.
    TestStepCode of test::StepCode
}

wire_enum! {
    /// `connected`: saving this configuration is accepted.
    TestOutcome of test::TestOutcome
}

/// Result of a connection test, step by step, with hints for each failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "outcome": "connected", "recorded": false, "reason": "unsaved_configuration", "history_entry_id": null,
    "duration_ms": 212, "calls": 13,
    "steps": [
        {"name": "token", "status": "passed", "code": "ok", "message": "The tenant accepted the client ID and secret.", "hint": null, "duration_ms": 51},
        {"name": "probe", "reading": "bot_detection", "status": "failed", "code": "plan_unavailable", "message": "The tenant's plan does not include this feature.", "hint": "Its checks stay unknown until the plan includes it.", "duration_ms": 49}
    ],
    "scopes": {"granted": ["read:attack_protection", "read:mfa_policies", "read:stats", "update:users"], "missing_required": [], "missing_optional": ["read:clients"], "unneeded": ["update:users"]},
    "coverage": {"checks_total": 148, "checks_not_enabled": 79, "checks_runnable": 57, "percent": 82, "not_runnable": [{"check_id": "bot-detection-off", "reason": "plan_unavailable", "scopes": []}]},
    "normalised": []
}))]
pub struct ConnectionTest {
    /// `connected`: saving this configuration is accepted.
    pub outcome: TestOutcome,
    /// Whether the history has an entry for this test.
    pub recorded: bool,
    /// Why the test is not recorded: `unsaved_configuration` or `changed_fields`. Null: it is recorded.
    pub reason: Option<&'static str>,
    /// The history entry. Null: the test is not recorded.
    pub history_entry_id: Option<Uuid>,
    /// Total duration in milliseconds.
    pub duration_ms: u64,
    /// Number of requests sent to the tenant.
    pub calls: u32,
    /// Steps in order. Steps that depend on a failed one are `skipped`.
    pub steps: Vec<TestStep>,
    /// Scopes of the token, compared with the scopes needed. Empty: no token was granted.
    pub scopes: Scopes,
    /// Forecast of the checks that a sync would run.
    pub coverage: Forecast,
    /// Fields that were rewritten to their normal form.
    pub normalised: Vec<&'static str>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestStep {
    pub name: TestStepName,
    /// The reading, for a probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "bot_detection", nullable = false)]
    pub reading: Option<&'static str>,
    pub status: TestStepStatus,
    pub code: TestStepCode,
    /// Human-readable message.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Duration in milliseconds. Null: the step did not run.
    pub duration_ms: Option<u64>,
}

/// Scopes of the access token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenScopes)]
pub struct Scopes {
    /// Scopes that the tenant granted.
    pub granted: Vec<String>,
    /// Required scopes that are not granted. Saving is refused.
    pub missing_required: Vec<String>,
    /// Optional scopes that are not granted. Each enables more checks.
    pub missing_optional: Vec<String>,
    /// Granted scopes that this service does not use. Revoke them, write scopes first.
    pub unneeded: Vec<String>,
}

/// Forecast of the checks that a sync would run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoverageForecast)]
pub struct Forecast {
    /// Number of checks in the catalogue.
    pub checks_total: u32,
    /// Checks whose optional scopes are not granted.
    pub checks_not_enabled: u32,
    /// Checks that would be conclusive or not applicable.
    pub checks_runnable: u32,
    /// Runnable checks among the enabled ones, in percent, rounded down.
    #[schema(maximum = 100)]
    pub percent: u8,
    /// Checks that would not be conclusive.
    pub not_runnable: Vec<NotRunnable>,
}

/// A check that would not be conclusive.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotRunnable {
    pub check_id: String,
    pub reason: String,
    /// Scopes that would enable the check.
    pub scopes: Vec<String>,
}

impl ConnectionTest {
    /// A test without a history entry.
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
            steps: report.steps.iter().map(TestStep::from).collect(),
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

impl From<&test::Step> for TestStep {
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

impl From<&ScopeReport> for Scopes {
    fn from(report: &ScopeReport) -> Self {
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
