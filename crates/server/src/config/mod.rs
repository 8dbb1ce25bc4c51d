//! Configuration, from environment variables alone: parsed once into final types, all faults at
//! once, never a value in a message. Each section is passed to the part that needs it; nothing
//! below this crate sees the whole.

mod database;
mod http;
mod key;
mod keys;
mod log;
mod rates;
mod reader;
mod reference;
mod source;
mod tenants;
mod tokens;
mod worker;

use std::path::PathBuf;

pub use database::Database;
pub use http::Http;
pub use log::{Log, LogFormat};
pub use reader::{Fault, span};
pub use reference::reference;
pub use source::{ProcessEnvironment, SettingSource};
pub use tenants::Tenants;
pub use tokens::{Tokens, VerificationKeySource};

use reader::Reader;

/// Everything that is configured.
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

/// What the machine says about itself; not ours to configure.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Where programs are looked for.
    pub path: Vec<PathBuf>,
    /// The user's directory for sockets (`XDG_RUNTIME_DIR`).
    pub runtime_dir: Option<PathBuf>,
}

impl Config {
    /// Reads and checks everything, or says everything that is wrong.
    pub fn load(source: &dyn SettingSource) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader::new(source);
        let database = Database::read(&mut reader);
        // Judged by what was given, so that a faulty address does not bring other faults along.
        let is_embedded = !reader.is_given(&database::URL);
        let http = Http::read(&mut reader);
        let tokens = Tokens::read(&mut reader, is_embedded);
        let tenants = Tenants::read(&mut reader);
        let engine = worker::read(&mut reader);
        worker::check(&mut reader, &engine, &http);
        let log = Log::read(&mut reader);
        keys::refuse_unknown(&mut reader, source);
        let faults = reader.into_faults();
        let machine = Environment::read(source);
        let config = Self { database, http, tokens, tenants, engine, log, machine };
        if faults.is_empty() { Ok(config) } else { Err(faults) }
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
mod tests;
