//! The program `safe-auth0`: commands, configuration and wiring.

mod cli;
mod commands;
mod config;
mod connection_timeouts;
mod core_dumps;
mod data_dir;
mod demo;
mod embedded;
mod file_descriptor_limit;
mod generated_keys;
mod jwks_fetch;
mod logging;
mod print;
mod random;
mod shutdown;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use config::{Config, ProcessEnvironment};

/// Lists allocate many small strings, which the system's allocator takes a sixth more CPU for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    core_dumps::forbid();
    let command = Cli::parse().command;
    // `check` exits 1 for findings, so its failures are 2.
    let failure = match command {
        Command::Check(_) | Command::Snapshot(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            // The error and its causes on one line.
            print::error(&format!("safe-auth0: {error:#}"));
            failure
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Openapi => return commands::openapi().map(done),
        Command::CheckConfig { reference: true } => {
            commands::reference();
            return Ok(ExitCode::SUCCESS);
        }
        // Needs no configuration.
        Command::SimulateTenant(options) => {
            return block_on(commands::simulate_tenant(options)).map(done);
        }
        _ => {}
    }
    let config = match Config::load(&ProcessEnvironment) {
        Ok(config) => config,
        Err(faults) => anyhow::bail!(commands::faults(&faults)),
    };
    if let Command::Check(options) = command {
        return block_on(commands::check(&config, &ProcessEnvironment, options));
    }
    if let Command::Keys(command) = command {
        return block_on(commands::keys(&config, command));
    }
    let outcome = match command {
        Command::Serve(options) => block_on(commands::serve(config, options)),
        Command::Worker(options) => block_on(commands::worker(config, options)),
        Command::Migrate => block_on(commands::migrate(config)),
        Command::Token(options) => commands::token(&config, &options),
        Command::CheckConfig { .. } => {
            commands::check_config(&config);
            Ok(())
        }
        Command::Healthcheck => commands::healthcheck(&config),
        Command::Snapshot(options) => {
            block_on(commands::snapshot(&config, &ProcessEnvironment, options))
        }
        Command::Openapi | Command::SimulateTenant(_) | Command::Check(_) | Command::Keys(_) => {
            unreachable!("handled above")
        }
    };
    outcome.map(done)
}

fn done((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
