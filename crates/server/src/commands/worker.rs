//! `worker`: runs only the worker, without API and port. Any number of them can use the same database.

use anyhow::{Context, Result, anyhow};
use tokio_util::sync::CancellationToken;

use crate::cli::Worker;
use crate::config::Config;
use crate::logging;
use crate::shutdown::{self, Shutdown};
use crate::wiring::{self, Bootstrap};

pub async fn worker(config: Config, options: Worker) -> Result<()> {
    logging::start(&config.log)?;
    if options.stop_with_parent {
        shutdown::stop_with_parent()?;
    }
    let shutdown = shutdown::listen()?;
    let data_dir = wiring::lock_data_dir(&config).await.context(
        "without DATABASE_URL a worker needs a data directory that no other process uses; `serve` \
         already includes a worker",
    )?;
    let bootstrap = Bootstrap::start(&config, data_dir, &shutdown.forced).await?;
    let outcome = run(&config, &bootstrap, &shutdown).await;
    bootstrap.stop().await;
    tracing::info!("stopped");
    outcome
}

async fn run(config: &Config, bootstrap: &Bootstrap, shutdown: &Shutdown) -> Result<()> {
    let store = wiring::connect(config, bootstrap).await?;
    wiring::prepare(config, bootstrap, &store).await?;
    let engine = wiring::engine(config, store, Vec::new())?;
    let stop = CancellationToken::new();
    let mut worker = tokio::spawn(engine::worker::run(engine.clone(), stop.clone()));
    tracing::info!("worker started");
    let outcome = tokio::select! {
        () = shutdown.graceful.cancelled() => Ok(()),
        ended = &mut worker => Err(anyhow!("the worker exited unexpectedly: {ended:?}")),
    };
    tracing::info!("shutting down; press Ctrl-C again to exit immediately");
    stop.cancel();
    if !worker.is_finished() {
        tokio::select! {
            _ = &mut worker => {}
            () = tokio::time::sleep(config.http.shutdown_timeout) => {
                tracing::warn!("shutdown timed out; other processes take over the unfinished syncs");
            }
            () = shutdown.forced.cancelled() => {}
        }
        worker.abort();
    }
    wiring::disconnect(engine.store()).await;
    outcome
}
