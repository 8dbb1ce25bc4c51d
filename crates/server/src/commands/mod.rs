//! The commands: short ones here, each long one in its file.

mod check;
mod healthcheck;
mod keys;
mod migrate;
mod serve;
mod simulate_tenant;
mod token;
mod worker;

use anyhow::Result;

pub use check::{check, snapshot};
pub use healthcheck::healthcheck;
pub use keys::keys;
pub use migrate::migrate;
pub use serve::serve;
pub use simulate_tenant::simulate_tenant;
pub use token::token;
pub use worker::worker;

use crate::config::{self, Config, Fault};
use crate::print;

pub fn openapi() -> Result<()> {
    print::line(&serde_json::to_string_pretty(&api::openapi())?);
    Ok(())
}

/// Prints docs/configuration.md.
pub fn reference() {
    print::line(config::reference().trim_end());
}

/// Prints the address and the database of a valid configuration.
pub fn check_config(config: &Config) {
    let database = match config.database.url {
        Some(_) => "the configured database".to_owned(),
        None => format!("an embedded database in {}", config.database.data_dir.display()),
    };
    print::line(&format!(
        "The configuration is valid: the API on {}, with {database}.",
        config.http.listen
    ));
}

/// Lists all faults, one on each line.
pub fn faults(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    format!("the configuration is invalid:\n{}", lines.join("\n"))
}
