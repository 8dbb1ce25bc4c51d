//! Runs the worker alone: no API, no port. Any number may run beside services on the same database.

use anyhow::{Context, Result, anyhow};
use tokio_util::sync::CancellationToken;

use crate::cli::Worker;
use crate::config::Config;
use crate::logging;
use crate::signals::{self, Shutdown};
use crate::wiring::{self, Bootstrap};

pub async fn worker(config: Config, options: Worker) -> Result<()> {
    logging::start(&config.log)?;
    if options.stop_with_parent {
        signals::stop_with_parent()?;
    }
    let shutdown = signals::listen()?;
    let data_dir = wiring::lock_data_dir(&config).await.context(
        "without DATABASE_URL a worker runs on a data directory that nothing else uses; `serve` \
         runs one itself",
    )?;
    let foundation = Bootstrap::start(&config, data_dir, &shutdown.forced).await?;
    let outcome = run(&config, &foundation, &shutdown).await;
    foundation.stop().await;
    tracing::info!("stopped");
    outcome
}

async fn run(config: &Config, foundation: &Bootstrap, shutdown: &Shutdown) -> Result<()> {
    let store = wiring::connect(config, foundation).await?;
    wiring::prepare(config, foundation, &store).await?;
    let engine = wiring::engine(config, store, Vec::new())?;
    let stop = CancellationToken::new();
    let mut worker = tokio::spawn(engine::worker::run(engine.clone(), stop.clone()));
    tracing::info!("the worker runs");
    let outcome = tokio::select! {
        () = shutdown.graceful.cancelled() => Ok(()),
        ended = &mut worker => Err(anyhow!("the worker ended by itself: {ended:?}")),
    };
    tracing::info!("stopping; Ctrl-C again stops at once");
    stop.cancel();
    if !worker.is_finished() {
        tokio::select! {
            _ = &mut worker => {}
            () = tokio::time::sleep(config.http.shutdown_timeout) => {
                tracing::warn!("some syncs did not end in time; other processes will take them over");
            }
            () = shutdown.forced.cancelled() => {}
        }
        worker.abort();
    }
    wiring::disconnect(engine.store()).await;
    outcome
}
