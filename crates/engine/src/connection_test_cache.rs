//! Connection tests that passed a moment ago, so that Save does not read the tenant again for what Test Connection just
//! showed. In memory and bounded; each replica remembers its own.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use auth0::Fingerprint;
use domain::connection_test::{StepName, TestReport};
use jiff::{SignedDuration, Timestamp};

/// How long a passed test counts.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// Tests in memory; when there are more, the oldest are dropped.
const TESTS_MAX: usize = 256;

/// The latest last.
#[derive(Debug, Default)]
pub struct RecentTests(Mutex<VecDeque<RecentTest>>);

#[derive(Debug)]
struct RecentTest {
    of: Fingerprint,
    at: Timestamp,
    report: TestReport,
}

impl RecentTests {
    /// Remembers a test of these credentials that passed.
    pub fn record(&self, of: Fingerprint, at: Timestamp, report: TestReport) {
        self.with(|tests| {
            tests.retain(|test| test.of != of);
            if tests.len() >= TESTS_MAX {
                tests.pop_front();
            }
            tests.push_back(RecentTest { of, at, report });
        });
    }

    /// The report of a test of exactly these credentials. It counts no calls, because nothing is called.
    pub fn find(&self, of: &Fingerprint, now: Timestamp) -> Option<TestReport> {
        self.with(|tests| {
            tests.retain(|test| now.duration_since(test.at) <= MAX_AGE);
            let mut report = tests.iter().find(|test| test.of == *of)?.report.clone();
            report.calls = 0;
            let token = report.steps.iter_mut().find(|step| step.name == StepName::Token);
            if let Some(token) = token {
                "The test just before is used again.".clone_into(&mut token.message);
            }
            Some(report)
        })
    }

    /// After a test that failed, or when the credentials are deleted.
    pub fn forget(&self, of: &Fingerprint) {
        self.with(|tests| tests.retain(|test| test.of != *of));
    }

    fn with<T>(&self, work: impl FnOnce(&mut VecDeque<RecentTest>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
