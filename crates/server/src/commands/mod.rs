//! The commands. The short ones are here; each long one has a file.

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

/// Prints the OpenAPI document.
pub fn openapi() -> Result<()> {
    print::line(&serde_json::to_string_pretty(&api::openapi())?);
    Ok(())
}

/// Prints the reference of all keys.
pub fn reference() {
    print::line(config::reference().trim_end());
}

/// Says in which mode a sound configuration starts.
pub fn check_config(config: &Config) {
    let database = match config.database.url {
        Some(_) => "the configured database".to_owned(),
        None => format!("an embedded database in {}", config.database.data_dir.display()),
    };
    print::line(&format!(
        "The configuration is sound: the API on {}, with {database}.",
        config.http.listen
    ));
}

/// All faults, a line for each.
pub fn faults(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    format!("the configuration has {} fault(s):\n{}", faults.len(), lines.join("\n"))
}
