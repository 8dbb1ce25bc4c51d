//! How syncs and connection tests run.

use std::time::Duration;

use jiff::SignedDuration;
use store::Retention;

use super::reader::Reader;

const TEST_DEADLINE: &str = "SAFE_AUTH0_TEST_DEADLINE";

/// Reads the engine's limits. A connection test must end before its request times out.
pub fn read(reader: &mut Reader<'_>, request_timeout: Duration) -> engine::Limits {
    reader.section("Worker");
    let limits = engine::Limits {
        concurrent_syncs: reader.integer(
            "SAFE_AUTH0_WORKER_CONCURRENCY",
            1..=1000,
            16,
            "Maximum number of concurrent syncs of this process.",
        ),
        integrations_per_organisation: reader.integer(
            "SAFE_AUTH0_INTEGRATIONS_PER_ORGANISATION",
            1..=1_000_000,
            20_000,
            "Maximum number of integrations of one organisation; deleted ones do not count.",
        ),
        syncs_per_organisation: reader.integer(
            "SAFE_AUTH0_SYNCS_PER_ORGANISATION",
            1..=1000,
            8,
            "Maximum number of concurrent syncs of one organisation, over all processes.",
        ),
        syncs_per_tenant: reader.integer(
            "SAFE_AUTH0_SYNCS_PER_TENANT",
            1..=100,
            1,
            "Maximum number of concurrent syncs of one API Identifier, over all processes: they share its rate limit.",
        ),
        lease: reader.duration(
            "SAFE_AUTH0_WORKER_LEASE",
            "5s"..="1h",
            "60s",
            "How long a sync stays with a process that does not renew its lease; then another process takes it over.",
        ),
        poll_every: reader.duration(
            "SAFE_AUTH0_WORKER_POLL_INTERVAL",
            "100ms"..="5m",
            "20s",
            "How often an idle process looks for scheduled syncs and for syncs whose notification was lost.",
        ),
        sync_deadline: reader.duration(
            "SAFE_AUTH0_SYNC_DEADLINE",
            "10s"..="1h",
            "5m",
            "Maximum duration of a sync; readings that are missing by then count as unknown.",
        ),
        test_deadline: reader.duration(
            TEST_DEADLINE,
            "5s"..="5m",
            "45s",
            "Maximum duration of a connection test. It must be shorter than `SAFE_AUTH0_REQUEST_TIMEOUT`, so that the \
             report still reaches the caller.",
        ),
        retention: retention(reader),
        ..engine::Limits::default()
    };
    if limits.test_deadline >= request_timeout {
        reader.refuse(TEST_DEADLINE, "is not shorter than SAFE_AUTH0_REQUEST_TIMEOUT");
    }
    limits
}

fn retention(reader: &mut Reader<'_>) -> Retention {
    Retention {
            audit: days(reader.integer(
                "SAFE_AUTH0_AUDIT_RETENTION_DAYS",
                30..=3650,
                400,
                "How many days audit events are kept. A sealed checkpoint of the deleted ones stays, so that the chain can \
                 still be verified.",
            )),
            history: days(reader.integer(
                "SAFE_AUTH0_HISTORY_RETENTION_DAYS",
                90..=3650,
                400,
                "How many days history entries, syncs and scores are kept. The latest of each integration stays.",
            )),
        }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}
