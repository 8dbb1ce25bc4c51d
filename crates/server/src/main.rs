//! The program `safe-auth0`: its commands, its configuration, and how the parts are put together.
//! Not here: anything about Auth0, findings or HTTP answers.

mod cli;
mod commands;
mod config;
mod data_dir;
mod demo;
mod embedded;
mod generated_keys;
mod jwks;
mod logging;
mod print;
mod random;
mod signals;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use config::{Config, ProcessEnvironment};

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain on one line: a sentence and its causes, no stack.
            print::error(&format!("safe-auth0: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Openapi => return commands::openapi(),
        Command::CheckConfig { reference: true } => {
            commands::reference();
            return Ok(());
        }
        // Needs nothing of the configuration but the machine's clock.
        Command::SimulateTenant(options) => {
            return block_on(commands::simulate_tenant(options));
        }
        _ => {}
    }
    let config = match Config::load(&ProcessEnvironment) {
        Ok(config) => config,
        Err(faults) => anyhow::bail!(commands::faults(&faults)),
    };
    match command {
        Command::Serve(options) => block_on(commands::serve(config, options)),
        Command::Worker(options) => block_on(commands::worker(config, options)),
        Command::Migrate => block_on(commands::migrate(config)),
        Command::Token(options) => commands::token(&config, &options),
        Command::CheckConfig { .. } => {
            commands::check_config(&config);
            Ok(())
        }
        Command::Healthcheck => commands::healthcheck(&config),
        Command::Openapi | Command::SimulateTenant(_) => unreachable!("handled above"),
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
