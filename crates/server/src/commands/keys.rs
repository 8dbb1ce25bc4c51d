//! `keys`: counts the stored secrets by encryption key and format, and re-encrypts them with the first key in the current
//! format while the service runs.
//! Prints only ids and counts, never a secret or a key.

use std::process::ExitCode;

use anyhow::{Context, Result};
use store::{KeyUse, Resealed, Store};
use tokio_util::sync::CancellationToken;

use crate::cli::Keys;
use crate::config::Config;
use crate::wiring::{self, Bootstrap};
use crate::{logging, print};

pub async fn keys(config: &Config, command: Keys) -> Result<ExitCode> {
    logging::start(&config.log)?;
    let data_dir = wiring::lock_data_dir(config).await.context(
        "only one process can use an embedded database: stop the service, then run this again",
    )?;
    let bootstrap = Bootstrap::start(config, data_dir, &CancellationToken::new()).await?;
    let outcome = run(config, &bootstrap, command).await;
    bootstrap.stop().await;
    outcome
}

async fn run(config: &Config, bootstrap: &Bootstrap, command: Keys) -> Result<ExitCode> {
    let store = wiring::connect(config, bootstrap).await?;
    let outcome = match command {
        Keys::Status | Keys::Reseal { dry_run: true } => status(&store).await,
        Keys::Reseal { dry_run: false } => reseal(&store).await,
    };
    wiring::disconnect(&store).await;
    outcome
}

async fn status(store: &Store) -> Result<ExitCode> {
    let uses = store.key_uses_in_all_organisations().await;
    let uses = uses.context("cannot count the stored secrets")?;
    let ring = store.keys();
    let mut is_complete = true;
    for KeyUse { header, values } in uses {
        let line = match header {
            Some((id, format)) if id == ring.first_id() => {
                format!("{id} (encrypts), format {format}: {values}")
            }
            Some((id, format)) if ring.has(&id) => format!("{id}, format {format}: {values}"),
            Some((id, format)) => {
                is_complete = false;
                format!("{id} (not in the key ring), format {format}: {values}")
            }
            None => {
                is_complete = false;
                format!("unreadable (no key id): {values}")
            }
        };
        print::line(&line);
    }
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn reseal(store: &Store) -> Result<ExitCode> {
    let resealed = store.reseal_in_all_organisations().await;
    let resealed =
        resealed.context("stopped before all secrets were re-encrypted; run this again")?;
    let Resealed { resealed, fine, unreadable } = resealed;
    print::line(&format!("re-encrypted: {resealed}, up to date: {fine}, unreadable: {unreadable}"));
    Ok(if unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
