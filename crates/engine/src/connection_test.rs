//! Test Connection: checks configuration, reachability, token, audience, scopes and every kind of reading, and
//! reports each step. Read-only.

use auth0::{Caller, ConnectError, Freshness, OpenTimings, Session};
use domain::OrganisationId;
use domain::connection::Connection;
use domain::connection_test::{Step, StepCode, StepName, StepStatus, TestOutcome, TestReport};
use domain::coverage::{self, ScopeReport};
use domain::inconclusive::UnknownReason;
use domain::readings::{Reading, ReadingKind};
use domain::sync::{Cause, ReadingReport};
use domain::tenant::{Outcome, Tenant};
use jiff::Timestamp;

use crate::permitted_readings::probe_permitted;
use crate::secret_rotation::{NextSecret, OpenedSession};
use crate::{Engine, evaluation, hints};

/// In the `User-Agent`, in place of a sync's id.
const WHO: &str = "connection-test";

/// A report, and whether the next secret was needed.
pub(crate) struct ConnectionTestResult {
    pub report: TestReport,
    pub by_next: bool,
}

const NEXT_ACCEPTED: &str = "The client secret is refused and the next one accepted.";

impl ConnectionTestResult {
    /// Adds to the report what happened to an accepted next secret.
    pub(crate) fn note_secret_promotion(&mut self, has_taken_its_place: bool) {
        let more = if has_taken_its_place {
            "It takes its place."
        } else {
            "The saved secrets were changed meanwhile, so this test changes none of them."
        };
        let token = self.report.steps.iter_mut().find(|step| step.name == StepName::Token);
        if let Some(token) = token.filter(|_| self.by_next) {
            token.message = format!("{NEXT_ACCEPTED} {more}");
        }
    }
}

impl Engine {
    /// Tests a connection. `normalised`: the fields that were normalised. Unless `Fresh`, a test of the same
    /// credentials that passed a moment ago is used again.
    pub(crate) async fn test(
        &self,
        organisation: &OrganisationId,
        connection: &Connection,
        freshness: Freshness,
        normalised: &[&'static str],
    ) -> TestReport {
        self.test_rotating(organisation, connection, None, freshness, normalised).await.report
    }

    /// The same, with the next secret if the tenant refuses the current one.
    pub(crate) async fn test_rotating(
        &self,
        organisation: &OrganisationId,
        connection: &Connection,
        next: NextSecret<'_>,
        freshness: Freshness,
        normalised: &[&'static str],
    ) -> ConnectionTestResult {
        let started_at = self.clock().now();
        let mut report = ReportBuilder::new();
        report.configuration(connection, normalised);
        if self.allowed_for(organisation).permission(&connection.api_identifier).is_none() {
            report.host_not_allowed(connection);
            let report = report.finish(self.clock().now(), started_at);
            return ConnectionTestResult { report, by_next: false };
        }
        let fingerprint = self.auth0().fingerprint(connection);
        if freshness == Freshness::Cached
            && let Some(recent) = self.shared.recent_tests.find(&fingerprint, started_at)
        {
            let steps =
                recent.steps.into_iter().filter(|step| step.name != StepName::Configuration);
            report.steps.extend(steps);
            let report = TestReport { steps: report.steps, ..recent };
            return ConnectionTestResult { report, by_next: false };
        }
        let mut is_by_next = false;
        let deadline = started_at + self.limits().test_deadline;
        let caller = Caller { name: WHO, organisation: Some(organisation) };
        match self.open_rotating(connection, next, freshness, caller, deadline).await {
            Err(error) => report.refused(error),
            Ok(OpenedSession { session, by_next }) => {
                is_by_next = by_next;
                self.probe(&mut report, connection, &session, deadline).await;
                if by_next {
                    report.accepted_the_next();
                }
            }
        }
        let report = report.finish(self.clock().now(), started_at);
        if report.outcome == TestOutcome::Connected && !is_by_next {
            self.shared.recent_tests.record(fingerprint, self.clock().now(), report.clone());
        } else {
            self.shared.recent_tests.forget(&fingerprint);
        }
        ConnectionTestResult { report, by_next: is_by_next }
    }

    async fn probe(
        &self,
        report: &mut ReportBuilder,
        connection: &Connection,
        session: &Session,
        deadline: Timestamp,
    ) {
        report.opened(&session.timings(), session.was_cached());
        let facts = session.token_facts();
        let scopes = facts.scopes();
        report.steps.push(hints::scopes(scopes.as_ref()));
        let mut tenant = Tenant::new(connection.client_id.clone(), self.clock().now());
        tenant.insert(ReadingKind::TokenFacts, Outcome::Read(Reading::TokenFacts(facts)));
        for (outcome, reading) in probe_permitted(session, deadline).await {
            report.refused_audience(&reading);
            report.steps.push(hints::probe(&outcome, &reading));
            tenant.insert(reading.reading, outcome);
        }
        report.calls = session.calls();
        let granted = scopes.unwrap_or_default();
        report.scopes = ScopeReport::from(&granted);
        if report.scopes.missing_required.is_empty() && coverage::essentials_read(&tenant) {
            report.outcome = TestOutcome::Connected;
        }
        let forecast = evaluation::run_blocking(evaluation::TIMEOUT, move || {
            coverage::forecast(Some(&tenant), StepCode::Skipped.name())
        });
        let forecast = forecast.await.unwrap_or_else(|_| {
            tracing::error!("coverage forecast timed out");
            coverage::forecast(None, UnknownReason::TimedOut.name())
        });
        for step in &mut report.steps {
            hints::hint_at_parts(step, &granted, &forecast);
        }
        report.coverage = Some(forecast);
    }
}

struct ReportBuilder {
    outcome: TestOutcome,
    steps: Vec<Step>,
    scopes: ScopeReport,
    coverage: Option<coverage::Forecast>,
    calls: u32,
}

impl ReportBuilder {
    fn new() -> Self {
        Self {
            outcome: TestOutcome::Failed,
            steps: Vec::new(),
            scopes: ScopeReport::default(),
            coverage: None,
            calls: 0,
        }
    }

    fn configuration(&mut self, connection: &Connection, normalised: &[&'static str]) {
        let hint = (!normalised.is_empty()).then(|| {
            let used = normalised.iter().map(|field| match *field {
                "api_audience" => format!("API Audience {}", connection.api_audience),
                _ => format!("API Identifier {}", connection.api_identifier),
            });
            let used: Vec<_> = used.collect();
            format!("Auth0 compares these letter by letter; used is: {}.", used.join(", "))
        });
        self.passed(StepName::Configuration, "The form is complete.", None);
        self.steps[0].hint = hint;
    }

    fn host_not_allowed(&mut self, connection: &Connection) {
        let host = connection.api_identifier.host();
        self.steps.clear();
        self.steps.push(Step {
            name: StepName::Configuration,
            reading: None,
            status: StepStatus::Failed,
            code: StepCode::HostNotAllowed,
            message: format!("{host} is not an Auth0 host, so it was not contacted."),
            hint: Some(
                "Use the tenant's own domain, which ends in .auth0.com or .auth0app.com. A custom \
                 domain or private cloud has to be allowed by the operator of this service \
                 (SAFE_AUTH0_EXTRA_TENANT_ORIGINS)."
                    .to_owned(),
            ),
            duration_ms: Some(0),
        });
        self.skip_rest();
    }

    /// No token was granted, or the tenant was not reached.
    fn refused(&mut self, error: ConnectError) {
        self.calls = error.calls;
        if error.step == StepName::Configuration {
            self.steps.clear();
        }
        for name in [StepName::Reachability, StepName::Token, StepName::Audience] {
            if name < error.step {
                self.passed(name, hints::passed_message(name), duration(name, &error.timings));
            }
        }
        self.steps.push(Step {
            name: error.step,
            reading: None,
            status: StepStatus::Failed,
            code: error.code,
            message: error.message,
            hint: Some(error.hint),
            duration_ms: duration(error.step, &error.timings),
        });
        self.skip_rest();
    }

    fn opened(&mut self, timings: &OpenTimings, was_cached: bool) {
        for name in [StepName::Reachability, StepName::Token, StepName::Audience] {
            self.passed(name, hints::passed_message(name), duration(name, timings));
        }
        if was_cached {
            let token = self.steps.iter_mut().find(|step| step.name == StepName::Token);
            if let Some(token) = token {
                "The token of the test just before is used again.".clone_into(&mut token.message);
            }
        }
    }

    /// Only the Management API shows that a granted token is not for it.
    fn refused_audience(&mut self, reading: &ReadingReport) {
        let is_audience = |step: &&mut Step| step.name == StepName::Audience;
        let audience = self.steps.iter_mut().find(is_audience);
        if let Some(step) = audience.filter(|_| reading.cause == Some(Cause::NoManagementToken)) {
            *step = hints::wrong_audience(reading.message.as_deref().unwrap_or_default());
        }
    }

    fn accepted_the_next(&mut self) {
        if let Some(token) = self.steps.iter_mut().find(|step| step.name == StepName::Token) {
            NEXT_ACCEPTED.clone_into(&mut token.message);
        }
    }

    fn passed(&mut self, name: StepName, message: &str, duration_ms: Option<u64>) {
        self.steps.push(Step {
            name,
            reading: None,
            status: StepStatus::Passed,
            code: StepCode::Ok,
            message: message.to_owned(),
            hint: None,
            duration_ms,
        });
    }

    /// Records the steps after the last one as skipped.
    fn skip_rest(&mut self) {
        let last = self.steps.last().map_or(StepName::Configuration, |step| step.name);
        let named = [StepName::Reachability, StepName::Token, StepName::Audience, StepName::Scopes];
        let mut rest: Vec<(StepName, Option<ReadingKind>)> =
            named.into_iter().filter(|name| *name > last).map(|name| (name, None)).collect();
        rest.extend(ReadingKind::fetched().map(|kind| (StepName::Probe, Some(kind))));
        for (name, reading) in rest {
            self.steps.push(Step {
                name,
                reading,
                status: StepStatus::Skipped,
                code: StepCode::Skipped,
                message: "Not tried: an earlier step failed.".to_owned(),
                hint: None,
                duration_ms: None,
            });
        }
    }

    fn finish(self, now: Timestamp, started_at: Timestamp) -> TestReport {
        let mut report = TestReport {
            outcome: self.outcome,
            steps: self.steps,
            scopes: self.scopes,
            coverage: coverage::Forecast::default(),
            duration_ms: u64::try_from(now.duration_since(started_at).as_millis()).unwrap_or(0),
            calls: self.calls,
        };
        report.coverage =
            self.coverage.unwrap_or_else(|| coverage::forecast(None, report.code().name()));
        report
    }
}

fn duration(name: StepName, timings: &OpenTimings) -> Option<u64> {
    match name {
        StepName::Reachability => timings.reachability_ms,
        StepName::Token => timings.token_ms,
        _ => None,
    }
}
