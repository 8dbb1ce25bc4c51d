//! Which database, and how it is used.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::key::Fallback;
use super::reader::Reader;

pub const URL: &str = "DATABASE_URL";
const MIGRATION_URL: &str = "SAFE_AUTH0_MIGRATION_DATABASE_URL";
const INSECURE: &str = "SAFE_AUTH0_DATABASE_INSECURE";
const UNVERIFIED: &str = "names another machine without sslmode=verify-full (SAFE_AUTH0_DATABASE_INSECURE=true permits it)";

#[derive(Debug, Clone)]
pub struct Database {
    /// Absent: the embedded cluster.
    pub url: Option<SecretString>,
    /// Absent: the same as `url`.
    pub migration_url: Option<SecretString>,
    pub data_dir: PathBuf,
    pub pool_size: u32,
    pub acquire_timeout: Duration,
    pub migrate_on_start: bool,
    /// Set if a configured address permits a link without verified TLS.
    pub is_insecure: bool,
    pub embedded_log_max_bytes: u64,
}

impl Database {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        reader.section("Database and data directory");
        let Urls { url, migration_url, is_insecure } = read_urls(reader);
        let data_dir = reader.text(
            "SAFE_AUTH0_DATA_DIR",
            "the path of a directory",
            Fallback::Text("./data".into()),
            "Directory of the embedded cluster, its log and the generated keys. Not used with `DATABASE_URL`.",
        );
        Self {
            url,
            migration_url,
            data_dir: data_dir.unwrap_or_default().into(),
            pool_size: reader.integer(
                "SAFE_AUTH0_DATABASE_POOL_SIZE",
                2..=500,
                20,
                "Maximum number of database connections of this process.",
            ),
            acquire_timeout: reader.duration(
                "SAFE_AUTH0_DATABASE_ACQUIRE_TIMEOUT",
                "100ms"..="60s",
                "5s",
                "Maximum wait for a free database connection; then the request gets 503.",
            ),
            migrate_on_start: reader.boolean(
                "SAFE_AUTH0_MIGRATE_ON_START",
                true,
                "Whether `serve` and `worker` apply migrations themselves. Set it to false if `safe-auth0 migrate` runs \
                 as a separate step. The embedded cluster is always migrated.",
            ),
            is_insecure,
            embedded_log_max_bytes: 1024
                * 1024
                * reader.integer::<u64>(
                    "SAFE_AUTH0_EMBEDDED_LOG_MAX_MIB",
                    1..=1024,
                    16,
                    "Size at which `postgres.log` of the embedded cluster is rotated to `postgres.log.1`; one old file \
                     is kept.",
                ),
        }
    }
}

struct Urls {
    url: Option<SecretString>,
    migration_url: Option<SecretString>,
    is_insecure: bool,
}

fn read_urls(reader: &mut Reader<'_>) -> Urls {
    let url = read_url(
        reader,
        URL,
        "an embedded cluster in the data directory",
        "The PostgreSQL database (15 or newer) that stores everything. On another machine it needs \
         `?sslmode=verify-full`, with `&sslrootcert=FILE` for an authority of your own. A blank value is refused: it \
         would start an embedded cluster.",
    );
    if url.is_none() && !reader.is_set(URL) && reader.is_blank(URL) {
        reader.refuse(URL, "is blank: set it, or leave it out for an embedded cluster");
    }
    let migration_url = read_url(
        reader,
        MIGRATION_URL,
        "`DATABASE_URL`",
        "The same database with the login that owns the schema, used for migrations. The login of \
         `DATABASE_URL` then only needs to be a member of `safe_auth0_serving`.",
    );
    if migration_url.is_some() && url.is_none() {
        reader.refuse(MIGRATION_URL, "is of use only with DATABASE_URL");
    }
    let may_be_insecure = reader.boolean(
        INSECURE,
        false,
        "Permits a database on another machine without `sslmode=verify-full`: whoever is on the way to it can read \
         and change everything. For a private network of containers.",
    );
    let mut is_insecure = false;
    for (name, url) in [(URL, &url), (MIGRATION_URL, &migration_url)] {
        let is_verified = url.as_ref().is_none_or(|url| is_local_or_verified(url.expose_secret()));
        is_insecure |= !is_verified;
        if !is_verified && !may_be_insecure {
            reader.refuse(name, UNVERIFIED);
        }
    }
    Urls { url, migration_url, is_insecure }
}

fn read_url(
    reader: &mut Reader<'_>,
    name: &'static str,
    default: &'static str,
    about: &'static str,
) -> Option<SecretString> {
    let form = "a PostgreSQL address, postgres://user:password@host/database";
    let url = reader.secret(name, form, default, about);
    if let Some(url) = &url
        && let Err(why) = check_url(url.expose_secret())
    {
        reader.refuse(name, why);
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

/// Whether the link stays on this machine, or TLS proves the database's name. A parameter of the address wins over its
/// host, as in the driver. An address that is refused for another reason passes.
fn is_local_or_verified(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return true };
    let last = |names: [&str; 2]| {
        let found = url.query_pairs().filter(|(key, _)| names.contains(&&**key)).last();
        found.map(|(_, value)| value.into_owned())
    };
    if last(["sslmode", "ssl-mode"]).is_some_and(|mode| mode == "verify-full") {
        return true;
    }
    // Without a host the driver takes PGHOST, which is not a key of this service.
    let host = last(["host", "hostaddr"]).or_else(|| url.host_str().map(str::to_owned));
    host.is_some_and(|host| is_this_machine(&host))
}

fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let is_socket = host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    is_socket || host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
