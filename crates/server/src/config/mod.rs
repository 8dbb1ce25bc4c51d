//! Configuration, from environment variables alone: parsed once into final types, with all faults reported at once and
//! no value in a message. Each part of the program gets its own section; only this crate sees the whole.

mod database;
mod http;
mod key;
mod log;
mod reader;
mod reference;
mod source;
mod tenants;
mod tokens;
mod unknown;
mod worker;

use std::path::PathBuf;

pub use database::Database;
pub use http::Http;
pub use key::Fault;
pub use log::{Log, LogFormat};
pub use reader::parse_duration;
pub use reference::reference;
pub use source::{ProcessEnvironment, SettingSource};
pub use tenants::Tenants;
pub use tokens::{Tokens, VerificationKeySource};

use reader::Reader;

const NOT_LOOPBACK: &str = "SAFE_AUTH0_LISTEN is reachable from other machines, which the development key and --demo are not meant for \
    (SAFE_AUTH0_DEVELOPMENT_ON_NETWORK=true permits it)";

#[derive(Debug, Clone)]
pub struct Config {
    pub database: Database,
    pub http: Http,
    pub tokens: Tokens,
    pub tenants: Tenants,
    pub engine: engine::Limits,
    pub log: Log,
    pub machine: Environment,
}

/// Facts about the machine that are not configured.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The directories of programs (`PATH`).
    pub path: Vec<PathBuf>,
    /// The user's directory for sockets (`XDG_RUNTIME_DIR`).
    pub runtime_dir: Option<PathBuf>,
}

impl Config {
    /// Fails if `serve --demo` must not run: it prints tokens for everybody, and its tenants are simulated.
    pub fn check_demo(&self) -> Result<(), &'static str> {
        if self.database.url.is_some() {
            return Err("DATABASE_URL is set, but --demo runs on an embedded database only");
        }
        if self.http.may_develop() { Ok(()) } else { Err(NOT_LOOPBACK) }
    }

    /// Reads and checks everything, or reports everything that is wrong.
    pub fn load(source: &dyn SettingSource) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::new(source);
        let config = Self::read(&mut reader, source);
        unknown::refuse(&mut reader, source);
        let faults = reader.into_faults();
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    fn read(reader: &mut Reader<'_>, source: &dyn SettingSource) -> Self {
        // By presence alone, so that a faulty address causes no further faults.
        let is_embedded = !reader.is_set(database::URL);
        let database = Database::read(reader);
        let http = Http::read(reader);
        let tokens = Tokens::read(reader, is_embedded);
        let is_development = matches!(tokens.trust, VerificationKeySource::DevelopmentKey);
        if is_embedded && is_development && !http.may_develop() {
            reader.refuse(http::LISTEN, NOT_LOOPBACK.trim_start_matches("SAFE_AUTH0_LISTEN "));
        }
        let tenants = Tenants::read(reader);
        let engine = worker::read(reader, http.limits.request_time);
        let log = Log::read(reader);
        let machine = Environment::read(source);
        Self { database, http, tokens, tenants, engine, log, machine }
    }
}

impl Environment {
    fn read(source: &dyn SettingSource) -> Self {
        let path = source.get("PATH").unwrap_or_default();
        Self {
            path: std::env::split_paths(&path).filter(|dir| dir.is_absolute()).collect(),
            runtime_dir: source.get("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }
}

#[cfg(test)]
mod security_tests;
#[cfg(test)]
mod tests;
