//! How syncs and connection tests run.

use super::key::{Fallback, Key, Kind};
use super::reader::Reader;

const CONCURRENCY: Key = Key {
    name: "SAFE_AUTH0_WORKER_CONCURRENCY",
    kind: Kind::Integer { min: 1, max: 1000 },
    default: Fallback::Text("16"),
    about: "Syncs that one process runs at once.",
};

const SYNCS_PER_ORGANISATION: Key = Key {
    name: "SAFE_AUTH0_SYNCS_PER_ORGANISATION",
    kind: Kind::Integer { min: 1, max: 1000 },
    default: Fallback::Text("8"),
    about: "Syncs of one organisation at once, on all processes together.",
};

const SYNCS_PER_TENANT: Key = Key {
    name: "SAFE_AUTH0_SYNCS_PER_TENANT",
    kind: Kind::Integer { min: 1, max: 100 },
    default: Fallback::Text("1"),
    about: "Syncs of one Auth0 tenant at once, on all processes together: they share its rate limit.",
};

const LEASE: Key = Key {
    name: "SAFE_AUTH0_WORKER_LEASE",
    kind: Kind::Duration { min: "5s", max: "1h" },
    default: Fallback::Text("60s"),
    about: "How long a sync belongs to a process that says nothing; then another one takes it over.",
};

const POLL_INTERVAL: Key = Key {
    name: "SAFE_AUTH0_WORKER_POLL_INTERVAL",
    kind: Kind::Duration { min: "100ms", max: "5m" },
    default: Fallback::Text("10s"),
    about: "How often an idle process looks for syncs that are due or that nobody announced.",
};

const SYNC_DEADLINE: Key = Key {
    name: "SAFE_AUTH0_SYNC_DEADLINE",
    kind: Kind::Duration { min: "10s", max: "1h" },
    default: Fallback::Text("5m"),
    about: "Longest sync, whatever the tenant does; what is unread by then is unknown.",
};

const TEST_DEADLINE: Key = Key {
    name: "SAFE_AUTH0_TEST_DEADLINE",
    kind: Kind::Duration { min: "5s", max: "5m" },
    default: Fallback::Text("45s"),
    about: "Longest connection test. Shorter than `SAFE_AUTH0_REQUEST_TIMEOUT`, so that its report \
        is answered.",
};

pub const KEYS: &[&Key] = &[
    &CONCURRENCY,
    &SYNCS_PER_ORGANISATION,
    &SYNCS_PER_TENANT,
    &LEASE,
    &POLL_INTERVAL,
    &SYNC_DEADLINE,
    &TEST_DEADLINE,
];

/// Reads the engine's limits.
pub fn read(reader: &mut Reader<'_>) -> engine::Limits {
    engine::Limits {
        test_deadline: reader.span(&TEST_DEADLINE),
        sync_deadline: reader.span(&SYNC_DEADLINE),
        lease: reader.span(&LEASE),
        concurrent_syncs: reader.integer(&CONCURRENCY),
        syncs_per_organisation: reader.integer(&SYNCS_PER_ORGANISATION),
        syncs_per_tenant: reader.integer(&SYNCS_PER_TENANT),
        poll_every: reader.span(&POLL_INTERVAL),
        ..engine::Limits::default()
    }
}

/// A test must end before its request is given up.
pub fn check(reader: &mut Reader<'_>, limits: &engine::Limits, http: &super::http::Http) {
    if limits.test_deadline >= http.limits.request_time {
        reader.refuse(&TEST_DEADLINE, "is not shorter than SAFE_AUTH0_REQUEST_TIMEOUT");
    }
}
