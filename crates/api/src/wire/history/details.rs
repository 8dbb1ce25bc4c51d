//! What the details of a history row hold. They are stored as JSON when the row is written, so these
//! types are schemas alone; a test keeps them in step with the rows.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Object, Ref, RefOr};

use super::super::Timestamp;
use super::super::connection_test::{Forecast, Scopes, Step, TestOutcome};
use super::super::sync::{CheckCounts, Failure, FindingCounts, ReadingReport};

/// Details of a `sync` row: an empty object while the sync goes on, and where it ended without a
/// result: stopped, or given up after several attempts.
#[derive(ToSchema)]
pub struct SyncDetails {
    /// How many workers took the sync.
    attempts: u32,
    /// Milliseconds from its start to its end; null when it never started.
    duration_ms: Option<i64>,
    /// Requests sent to the tenant, the token's included.
    calls: u32,
    /// Answers of the tenant that limited our rate.
    rate_limited: u32,
    /// What became of each reading.
    readings: Vec<ReadingReport>,
    /// Checks by result.
    checks: CheckCounts,
    /// Findings by what the sync did to them.
    findings: FindingCounts,
    /// Null when nothing was judged.
    #[schema(maximum = 100)]
    coverage_percent: Option<u8>,
    /// The version of the organisation's policy that it judged by; null when nothing was judged.
    policy_version: Option<i64>,
    /// Why it failed.
    failure: Option<Failure>,
}

/// Details of a `test_connection` row.
#[derive(ToSchema)]
pub struct TestDetails {
    connection_test: TestReport,
}

/// The report of a connection test as it is kept: what `ConnectionTest` answers, without how it was
/// recorded.
#[derive(ToSchema)]
#[schema(as = RecordedConnectionTest)]
pub struct TestReport {
    outcome: TestOutcome,
    steps: Vec<Step>,
    scopes: Scopes,
    coverage: Forecast,
    /// Milliseconds in all.
    duration_ms: u64,
    /// Requests sent to the tenant.
    calls: u32,
}

/// Details of an `update` row that a user caused.
#[derive(ToSchema)]
pub struct UpdateDetails {
    /// The fields that were changed; of a new integration those that have a value. `next_secret`: a next
    /// client secret was set, replaced or dropped. Empty: scheduled syncs were resumed.
    changed_fields: Vec<String>,
    /// True in the row of the integration's creation.
    #[schema(nullable = false)]
    created: Option<bool>,
    /// The test that was run before saving; absent when no connection field was changed.
    #[schema(nullable = false)]
    connection_test: Option<TestReport>,
}

/// Details of an `update` row by `system`.
#[derive(ToSchema)]
pub struct MachineDetails {
    by_machine: MachineChange,
    /// With `secret_promoted`: the fields that were changed by it.
    #[schema(nullable = false)]
    changed_fields: Option<Vec<String>>,
    /// With `secret_expires`: the stage that was reached, in days before the expiry; 0: expired.
    #[schema(nullable = false)]
    days: Option<u8>,
    /// With `secret_expires`: when the client secret expires.
    #[schema(nullable = false)]
    expires_at: Option<Timestamp>,
}

/// What the service did by itself. `warned`: syncs have failed for days; `paused`: scheduled syncs were
/// stopped for that; `resumed`: a sync succeeded again; `secret_promoted`: the next client secret took the
/// place of the present one; `secret_expires`: the client secret is about to expire, or has.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum MachineChange {
    Warned,
    Paused,
    Resumed,
    SecretPromoted,
    SecretExpires,
}

/// Any of the shapes, or an object without members.
pub fn schema() -> RefOr<Schema> {
    let named = |name| RefOr::Ref(Ref::from_schema_name(name));
    let any = AnyOfBuilder::new()
        .description(Some(
            "By `action`: `test_connection` has `TestDetails`, `sync` has `SyncDetails` (an empty object until it ends), \
             `update` has `UpdateDetails`, or `MachineDetails` where the service did it by itself. Members may be added.",
        ))
        .item(named("SyncDetails"))
        .item(named("TestDetails"))
        .item(named("UpdateDetails"))
        .item(named("MachineDetails"))
        .item(Schema::Object(Object::new()));
    RefOr::T(Schema::AnyOf(any.build()))
}
