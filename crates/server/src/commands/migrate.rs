//! `migrate`: migrates the schema, as a separate step before new replicas start.

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::wiring::{self, Bootstrap};
use crate::{logging, print};

pub async fn migrate(config: Config) -> Result<()> {
    logging::start(&config.log)?;
    let data_dir = wiring::lock_data_dir(&config).await?;
    let bootstrap = Bootstrap::start(&config, data_dir, &CancellationToken::new()).await?;
    let outcome = wiring::migrate(&config, &bootstrap).await;
    bootstrap.stop().await;
    outcome?;
    print::line("The schema is up to date.");
    Ok(())
}
