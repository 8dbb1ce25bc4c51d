//! Schema of the details of history entries: one object, because generators cannot tell alternatives apart. Details
//! are stored as JSON; a test compares the schema with stored entries.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use utoipa::ToSchema;

use super::super::Timestamp;
use super::super::connection_test::{Forecast, Scopes, TestOutcome, TestStep};
use super::super::sync::{CheckCounts, FindingCounts, ReadingReport, SyncFailure};
use super::super::wire_enum;

/// Details of a history entry, by `action`. `test_connection` has `connection_test`. `sync` has the members from
/// `attempts` to `failure`, and none until the sync ends or if it ends without a result. `update` has `changed_fields`,
/// and with a creation or a test also `created` and `connection_test`; if the service made the change, `by_machine`
/// and the members that depend on it. Members may be added.
#[derive(ToSchema)]
#[schema(example = json!({"changed_fields": ["auto_sync_frequency"]}))]
pub struct HistoryDetails {
    /// The report of the test. With `update`: of the test before saving; absent if no connection field changed.
    #[schema(nullable = false)]
    connection_test: Option<TestReport>,
    /// Number of workers that claimed the sync.
    #[schema(nullable = false)]
    attempts: Option<u32>,
    /// Duration in milliseconds. Null: the sync never started.
    duration_ms: Option<i64>,
    /// Number of requests sent to the tenant, including token requests.
    #[schema(nullable = false)]
    calls: Option<u32>,
    /// Number of 429 responses from the tenant.
    #[schema(nullable = false)]
    rate_limited: Option<u32>,
    /// Outcome of each reading.
    #[schema(nullable = false)]
    readings: Option<Vec<ReadingReport>>,
    /// Number of checks by result.
    #[schema(nullable = false)]
    checks: Option<CheckCounts>,
    /// Number of findings by effect of the sync.
    #[schema(nullable = false)]
    findings: Option<FindingCounts>,
    /// Null: no check was conclusive.
    #[schema(maximum = 100)]
    coverage_percent: Option<u8>,
    /// Version of the organisation's policy used. Null: no evaluation took place.
    policy_version: Option<i64>,
    /// Null: the sync did not fail.
    failure: Option<SyncFailure>,
    /// Changed fields; for a new integration, the fields with a value. `next_secret`: the next client
    /// secret was set, replaced or dropped. Empty: scheduled syncs were resumed.
    #[schema(nullable = false)]
    changed_fields: Option<Vec<String>>,
    /// True for the creation of the integration.
    #[schema(nullable = false)]
    created: Option<bool>,
    #[schema(nullable = false)]
    by_machine: Option<MachineChange>,
    /// With `secret_expires`: the reminder stage in days before the expiry. 0: expired.
    #[schema(nullable = false)]
    days: Option<u8>,
    /// With `secret_expires`: when the client secret expires.
    #[schema(nullable = false)]
    expires_at: Option<Timestamp>,
}

/// The stored report of a connection test: `ConnectionTest` without the members about its recording.
#[derive(ToSchema)]
#[schema(as = RecordedConnectionTest)]
pub struct TestReport {
    outcome: TestOutcome,
    steps: Vec<TestStep>,
    scopes: Scopes,
    coverage: Forecast,
    /// Total duration in milliseconds.
    duration_ms: u64,
    /// Number of requests sent to the tenant.
    calls: u32,
}

wire_enum! {
    /// Changes made by the service. `warned`: all syncs have failed for days. `paused`: scheduled syncs stopped
    /// because of the failures. `resumed`: a sync succeeded again. `secret_promoted`: the next client secret
    /// replaced the current one. `secret_expires`: the client secret expires soon or has expired.
    MachineChange of domain::history::MachineChange
}
