//! Rotates the key ring: which keys have sealed what is stored, and sealing it anew with the first one
//! while the service runs. Never prints a secret or a key, only ids and counts.

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
        "an embedded database is reached by one process: stop the service, then run this again",
    )?;
    let foundation = Bootstrap::start(config, data_dir, &CancellationToken::new()).await?;
    let outcome = run(config, &foundation, command).await;
    foundation.stop().await;
    outcome
}

async fn run(config: &Config, foundation: &Bootstrap, command: Keys) -> Result<ExitCode> {
    let store = wiring::connect(config, foundation).await?;
    let outcome = match command {
        Keys::Status | Keys::Reseal { dry_run: true } => status(&store).await,
        Keys::Reseal { dry_run: false } => reseal(&store).await,
    };
    wiring::disconnect(&store).await;
    outcome
}

async fn status(store: &Store) -> Result<ExitCode> {
    let uses = store.key_uses_in_all_organisations().await;
    let uses = uses.context("the stored secrets cannot be counted")?;
    let ring = store.keys();
    let mut is_sound = true;
    for KeyUse { key_id, values } in uses {
        let line = match key_id {
            Some(id) if id == ring.first_id() => format!("{id} (seals): {values}"),
            Some(id) if ring.has(&id) => format!("{id}: {values}"),
            Some(id) => {
                is_sound = false;
                format!("{id} (not in the key ring): {values}")
            }
            None => {
                is_sound = false;
                format!("sealed by no key of ours: {values}")
            }
        };
        print::line(&line);
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn reseal(store: &Store) -> Result<ExitCode> {
    let resealed = store.reseal_in_all_organisations().await;
    let resealed = resealed.context("not everything was looked at; run it again")?;
    let Resealed { resealed, fine, unreadable } = resealed;
    print::line(&format!("re-sealed: {resealed}, already fine: {fine}, unreadable: {unreadable}"));
    Ok(if unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
