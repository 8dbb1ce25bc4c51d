//! Which database, and how it is used.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::key::{Fallback, Key, Kind};
use super::reader::Reader;

pub const URL: Key = Key {
    name: "DATABASE_URL",
    kind: Kind::Secret("a PostgreSQL address, postgres://user:password@host/database"),
    default: Fallback::Described("an embedded cluster in the data directory"),
    about: "PostgreSQL 15 or newer that holds everything.",
};

const MIGRATION_URL: Key = Key {
    name: "SAFE_AUTH0_MIGRATION_DATABASE_URL",
    kind: Kind::Secret("a PostgreSQL address, postgres://user:password@host/database"),
    default: Fallback::Described("`DATABASE_URL`"),
    about: "The same database with the login that owns the schema, for bringing it up to date. The \
        login of `DATABASE_URL` then needs no more than to be granted `safe_auth0_serving`.",
};

const DATA_DIR: Key = Key {
    name: "SAFE_AUTH0_DATA_DIR",
    kind: Kind::Text("the path of a directory"),
    default: Fallback::Text("./data"),
    about: "Where the embedded cluster, its log and the generated keys live. Not used with \
        `DATABASE_URL`.",
};

const POOL_SIZE: Key = Key {
    name: "SAFE_AUTH0_DATABASE_POOL_SIZE",
    kind: Kind::Integer { min: 2, max: 500 },
    default: Fallback::Text("20"),
    about: "The most connections that this process opens to the database.",
};

const ACQUIRE_TIMEOUT: Key = Key {
    name: "SAFE_AUTH0_DATABASE_ACQUIRE_TIMEOUT",
    kind: Kind::Duration { min: "100ms", max: "60s" },
    default: Fallback::Text("5s"),
    about: "How long a request waits for a free connection before it is answered 503.",
};

const MIGRATE_ON_START: Key = Key {
    name: "SAFE_AUTH0_MIGRATE_ON_START",
    kind: Kind::Bool,
    default: Fallback::Text("true"),
    about: "Whether `serve` and `worker` bring the schema up to date themselves. Set it to false \
        where `safe-auth0 migrate` runs as a step of its own. The embedded cluster is always migrated.",
};

const EMBEDDED_LOG_MAX_MIB: Key = Key {
    name: "SAFE_AUTH0_EMBEDDED_LOG_MAX_MIB",
    kind: Kind::Integer { min: 1, max: 1024 },
    default: Fallback::Text("16"),
    about: "Size at which `postgres.log` of the embedded cluster becomes `postgres.log.1`, of which \
        one is kept.",
};

pub const KEYS: &[&Key] = &[
    &URL,
    &MIGRATION_URL,
    &DATA_DIR,
    &POOL_SIZE,
    &ACQUIRE_TIMEOUT,
    &MIGRATE_ON_START,
    &EMBEDDED_LOG_MAX_MIB,
];

/// Which database, and how it is used.
#[derive(Debug, Clone)]
pub struct Database {
    /// Given; absent means the embedded cluster.
    pub url: Option<SecretString>,
    /// Absent: the same as `url`.
    pub migration_url: Option<SecretString>,
    pub data_dir: PathBuf,
    pub pool_size: u32,
    pub acquire_timeout: Duration,
    pub migrate_on_start: bool,
    pub embedded_log_max_bytes: u64,
}

impl Database {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let url = read_url(reader, &URL);
        let migration_url = read_url(reader, &MIGRATION_URL);
        if migration_url.is_some() && url.is_none() {
            reader.refuse(&MIGRATION_URL, "is of use only with DATABASE_URL");
        }
        Self {
            url,
            migration_url,
            data_dir: reader.text(&DATA_DIR).unwrap_or_default().into(),
            pool_size: reader.integer(&POOL_SIZE),
            acquire_timeout: reader.span(&ACQUIRE_TIMEOUT),
            migrate_on_start: reader.switch(&MIGRATE_ON_START),
            embedded_log_max_bytes: reader.integer::<u64>(&EMBEDDED_LOG_MAX_MIB) * 1024 * 1024,
        }
    }
}

fn read_url(reader: &mut Reader<'_>, key: &'static Key) -> Option<SecretString> {
    let url = reader.secret(key);
    if let Some(url) = &url
        && let Err(why) = check_url(url.expose_secret())
    {
        reader.refuse(key, why);
    }
    url
}

fn check_url(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an address")?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err("has another scheme than postgres or postgresql");
    }
    let is_named = url.path().len() > 1 || url.query_pairs().any(|(key, _)| key == "dbname");
    if is_named { Ok(()) } else { Err("names no database") }
}
