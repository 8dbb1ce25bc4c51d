//! How often one caller, one address and one organisation may do what.

use api::{Rate, Rates};

use super::key::{Fallback, Key, Kind};
use super::reader::Reader;

/// A number of requests.
const MANY: Kind = Kind::Integer { min: 1, max: 1_000_000 };

const CALLER_PER_MINUTE: Key = Key {
    name: "SAFE_AUTH0_CALLER_REQUESTS_PER_MINUTE",
    kind: MANY,
    default: Fallback::Text("6000"),
    about: "Requests a minute of one caller (organisation and subject) in the long run; more are \
        answered 429.",
};

const CALLER_BURST: Key = Key {
    name: "SAFE_AUTH0_CALLER_BURST",
    kind: MANY,
    default: Fallback::Text("2000"),
    about: "Requests that one caller may send at once after a pause.",
};

const FAILURES_PER_MINUTE: Key = Key {
    name: "SAFE_AUTH0_UNAUTHENTICATED_PER_MINUTE",
    kind: MANY,
    default: Fallback::Text("600"),
    about: "Requests a minute from one address (IPv6: one /64) without an acceptable token; more are \
        answered 429 instead of 401. Acceptable JWTs from there are not held up.",
};

const TESTS_PER_MINUTE: Key = Key {
    name: "SAFE_AUTH0_TESTS_PER_MINUTE",
    kind: MANY,
    default: Fallback::Text("600"),
    about: "Requests a minute of one organisation that test a connection; creating and changing an \
        integration are such.",
};

const TESTS_AT_ONCE: Key = Key {
    name: "SAFE_AUTH0_TESTS_AT_ONCE",
    kind: Kind::Integer { min: 1, max: 1000 },
    default: Fallback::Text("32"),
    about: "Of those, how many of one organisation at once.",
};

pub const KEYS: &[&Key] =
    &[&CALLER_PER_MINUTE, &CALLER_BURST, &FAILURES_PER_MINUTE, &TESTS_PER_MINUTE, &TESTS_AT_ONCE];

/// Reads the limits; where there is no key of its own a minute's worth may come at once.
pub fn read(reader: &mut Reader<'_>) -> Rates {
    let mut even = |key: &Key| {
        let per_minute = reader.integer(key);
        Rate { per_minute, burst: per_minute }
    };
    let (unauthenticated, tests) = (even(&FAILURES_PER_MINUTE), even(&TESTS_PER_MINUTE));
    Rates {
        caller: Rate {
            per_minute: reader.integer(&CALLER_PER_MINUTE),
            burst: reader.integer(&CALLER_BURST),
        },
        unauthenticated,
        tests,
        tests_at_once: reader.integer(&TESTS_AT_ONCE),
    }
}
