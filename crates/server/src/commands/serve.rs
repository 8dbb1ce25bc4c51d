//! `serve`: runs database, worker and API until shutdown.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Result, anyhow};
use api::Connections;
use axum_server::Handle;
use engine::Engine;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::healthcheck::reachable;
use crate::cli::Serve;
use crate::config::Config;
use crate::demo::{Demo, banner};
use crate::shutdown::{self, Shutdown};
use crate::wiring::{self, Bootstrap, Metrics};
use crate::{connection_timeouts, file_descriptor_limit, logging, print};

pub async fn serve(config: Config, options: Serve) -> Result<()> {
    logging::start(&config.log)?;
    if options.demo {
        config.check_demo().map_err(|why| anyhow!(why))?;
    }
    file_descriptor_limit::allow(config.http.connections.total);
    if options.stop_with_parent {
        shutdown::stop_with_parent()?;
    }
    let shutdown = shutdown::listen()?;
    // In this order: a service that is shutting down still has the lock and the port, and a port in use is reported
    // before a database is created.
    let data_dir = wiring::lock_data_dir(&config).await?;
    let listener = listen(config.http.listen)?;
    let bootstrap = Bootstrap::start(&config, data_dir, &shutdown.forced).await?;
    let outcome = run(&config, options, &bootstrap, listener, &shutdown).await;
    bootstrap.stop().await;
    tracing::info!("stopped");
    outcome
}

async fn run(
    config: &Config,
    options: Serve,
    bootstrap: &Bootstrap,
    listener: TcpListener,
    shutdown: &Shutdown,
) -> Result<()> {
    let address = listener.local_addr()?;
    let store = wiring::connect(config, bootstrap).await?;
    wiring::prepare(config, bootstrap, &store).await?;
    let demo =
        if options.demo { Some(Demo::start(config.tenants.demo_listen).await?) } else { None };
    let extra = demo.as_ref().map(Demo::origins).transpose()?.unwrap_or_default();
    let engine = wiring::engine(config, store, extra)?;
    let metrics = Metrics::install()?;
    let state = wiring::state(config, bootstrap, engine.clone(), &metrics)?;

    let handle = Handle::new();
    let app = api::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp(listener)?.handle(handle.clone());
    let connections = Connections::new(config.http.connections.clone());
    let server = connection_timeouts::apply_limits(server, &config.http.slow_clients, connections);
    let http = tokio::spawn(async move { server.serve(app).await });
    let stop_worker = CancellationToken::new();
    let worker = if options.no_worker {
        tokio::spawn(stop_worker.clone().cancelled_owned())
    } else {
        tokio::spawn(engine::worker::run(engine.clone(), stop_worker.clone()))
    };
    let upkeep = metrics.spawn_metrics_upkeep();
    tracing::info!(%address, "API listening");
    if let Some(demo) = &demo {
        print::line(&banner(config, bootstrap, demo, reachable(address))?);
    }
    let tasks = (http, worker);
    let outcome = run_until_shutdown(config, shutdown, &handle, &stop_worker, &engine, tasks).await;
    upkeep.abort();
    if let Some(demo) = demo {
        demo.stop().await;
    }
    wiring::disconnect(engine.store()).await;
    outcome
}

type Tasks = (JoinHandle<std::io::Result<()>>, JoinHandle<()>);

/// Waits for a signal, or until the API or the worker exits unexpectedly, then shuts both down.
async fn run_until_shutdown(
    config: &Config,
    shutdown: &Shutdown,
    handle: &Handle<SocketAddr>,
    stop_worker: &CancellationToken,
    engine: &Engine,
    (mut http, mut worker): Tasks,
) -> Result<()> {
    let outcome = tokio::select! {
        () = shutdown.graceful.cancelled() => Ok(()),
        ended = &mut http => Err(anyhow!("the API exited unexpectedly: {ended:?}")),
        ended = &mut worker => Err(anyhow!("the worker exited unexpectedly: {ended:?}")),
    };
    let timeout = config.http.shutdown_timeout;
    tracing::info!("shutting down; press Ctrl-C again to exit immediately");
    handle.graceful_shutdown(Some(timeout));
    stop_worker.cancel();
    let finish = async {
        if !http.is_finished() {
            let _ = (&mut http).await;
        }
        if !worker.is_finished() {
            let _ = (&mut worker).await;
        }
        engine.flush_audits().await;
    };
    tokio::select! {
        () = finish => {}
        () = tokio::time::sleep(timeout) => {
            tracing::warn!("shutdown timed out; other processes take over the unfinished syncs");
        }
        () = shutdown.forced.cancelled() => handle.shutdown(),
    }
    http.abort();
    worker.abort();
    outcome
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).map_err(|e| match e.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "{address} is in use by another program: stop that program, or set SAFE_AUTH0_LISTEN \
             to another address"
        ),
        _ => anyhow!(e).context(format!("cannot listen on {address}")),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
