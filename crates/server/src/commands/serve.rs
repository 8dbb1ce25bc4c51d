//! Runs the service: database, worker and API, from the first line to an orderly end.

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
use crate::signals::{self, Shutdown};
use crate::wiring::{self, Bootstrap, Metrics};
use crate::{logging, open_files, print, slow_clients};

pub async fn serve(config: Config, options: Serve) -> Result<()> {
    logging::start(&config.log)?;
    open_files::allow(config.http.connections.total);
    if options.stop_with_parent {
        signals::stop_with_parent()?;
    }
    let shutdown = signals::listen()?;
    // In this order: a service that is just stopping still has the lock and the port, and a port that
    // another program has is known before a database is started.
    let data_dir = wiring::lock_data_dir(&config).await?;
    let listener = listen(config.http.listen)?;
    let foundation = Bootstrap::start(&config, data_dir, &shutdown.forced).await?;
    let outcome = run(&config, options, &foundation, listener, &shutdown).await;
    foundation.stop().await;
    tracing::info!("stopped");
    outcome
}

async fn run(
    config: &Config,
    options: Serve,
    foundation: &Bootstrap,
    listener: TcpListener,
    shutdown: &Shutdown,
) -> Result<()> {
    let address = listener.local_addr()?;
    let store = wiring::connect(config, foundation).await?;
    wiring::prepare(config, foundation, &store).await?;
    let demo =
        if options.demo { Some(Demo::start(config.tenants.demo_listen).await?) } else { None };
    let extra = demo.as_ref().map(Demo::origins).transpose()?.unwrap_or_default();
    let engine = wiring::engine(config, store, extra)?;
    let metrics = Metrics::install()?;
    let state = wiring::state(config, foundation, engine.clone(), &metrics)?;

    let handle = Handle::new();
    let app = api::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp(listener)?.handle(handle.clone());
    let connections = Connections::new(config.http.connections.clone());
    let server = slow_clients::bound(server, &config.http.slow_clients, connections);
    let http = tokio::spawn(async move { server.serve(app).await });
    let stop_worker = CancellationToken::new();
    let worker = if options.no_worker {
        tokio::spawn(stop_worker.clone().cancelled_owned())
    } else {
        tokio::spawn(engine::worker::run(engine.clone(), stop_worker.clone()))
    };
    let upkeep = metrics.spawn_metrics_upkeep();
    tracing::info!(%address, "the API listens");
    if let Some(demo) = &demo {
        print::line(&banner(config, foundation, demo, reachable(address))?);
    }
    let outcome = until_end(config, shutdown, &handle, &stop_worker, &engine, (http, worker)).await;
    upkeep.abort();
    if let Some(demo) = demo {
        demo.stop().await;
    }
    wiring::disconnect(engine.store()).await;
    outcome
}

type Tasks = (JoinHandle<std::io::Result<()>>, JoinHandle<()>);

/// Waits for the wish to end, or for a part that ends by itself, then ends the parts.
async fn until_end(
    config: &Config,
    shutdown: &Shutdown,
    handle: &Handle<SocketAddr>,
    stop_worker: &CancellationToken,
    engine: &Engine,
    (mut http, mut worker): Tasks,
) -> Result<()> {
    let outcome = tokio::select! {
        () = shutdown.graceful.cancelled() => Ok(()),
        ended = &mut http => Err(anyhow!("the API ended by itself: {ended:?}")),
        ended = &mut worker => Err(anyhow!("the worker ended by itself: {ended:?}")),
    };
    let time = config.http.shutdown_timeout;
    tracing::info!("stopping; Ctrl-C again stops at once");
    handle.graceful_shutdown(Some(time));
    stop_worker.cancel();
    let ends = async {
        if !http.is_finished() {
            let _ = (&mut http).await;
        }
        if !worker.is_finished() {
            let _ = (&mut worker).await;
        }
        engine.flush_audits().await;
    };
    tokio::select! {
        () = ends => {}
        () = tokio::time::sleep(time) => {
            tracing::warn!("some work did not end in time; other processes will take it over");
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
            "{address} is in use by another program: stop that one, or set SAFE_AUTH0_LISTEN to \
             another address"
        ),
        _ => anyhow!(e).context(format!("{address} cannot be listened on")),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
