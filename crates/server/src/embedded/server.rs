//! Starts, supervises and stops the database server. It has its own process group, so that Ctrl-C on a terminal
//! reaches only the service, and is restarted if it exits.

use std::fmt::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::binaries::Binaries;
use super::cluster_dir::ClusterDirs;
use super::log_file::LogFile;
use super::os_account::Account;
use super::stale_process::{self, PidFile};

/// Maximum time until the server is ready, including crash recovery.
const START_MAX: Duration = Duration::from_secs(300);
/// Child processes of a killed server exit shortly after it. Until then a new server refuses to start.
const START_ATTEMPTS: u32 = 4;
const RETRY_DELAY: Duration = Duration::from_millis(500);
const READY_POLL_INTERVAL: Duration = Duration::from_millis(25);
const LOG_CHECK_INTERVAL: Duration = Duration::from_secs(30);
/// After this time a fast shutdown becomes an immediate one.
const FAST_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);
/// After this time the server is killed.
const IMMEDIATE_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// What a start and a restart need.
pub struct Plan {
    pub dirs: ClusterDirs,
    pub binaries: Binaries,
    pub account: Account,
    pub log: LogFile,
    pub max_connections: u32,
}

/// A running server. It outlives a killed service, and the next start of the service stops it.
pub struct Server {
    stop: CancellationToken,
    supervisor: JoinHandle<()>,
}

impl Server {
    /// Starts the server and waits until it accepts connections. `forced` makes its shutdown immediate.
    pub async fn start(plan: Plan, forced: CancellationToken) -> Result<Self> {
        let child = launch_with_retries(&plan).await?;
        let stop = CancellationToken::new();
        let supervisor = tokio::spawn(supervise(plan, child, stop.clone(), forced));
        Ok(Self { stop, supervisor })
    }

    /// Stops the server and waits until it has exited.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the supervisor of the database server panicked");
        }
    }
}

async fn supervise(
    plan: Plan,
    mut child: Child,
    stop: CancellationToken,
    forced: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return shut_down(&mut child, &forced).await,
            () = tokio::time::sleep(LOG_CHECK_INTERVAL) => plan.log.rotate_if_large(),
            ended = child.wait() => {
                let how = ended.map_or_else(|e| e.to_string(), |status| status.to_string());
                tracing::error!(how, "database server exited; restarting");
                match restart(&plan, &stop).await {
                    Some(restarted) => child = restarted,
                    None => return,
                }
            }
        }
    }
}

async fn restart(plan: &Plan, stop: &CancellationToken) -> Option<Child> {
    let mut delay = RETRY_DELAY;
    loop {
        // Never cancelled halfway: that would leave a server without a supervisor.
        match launch_with_retries(plan).await {
            Ok(child) => return Some(child),
            Err(error) => tracing::error!(%error, "the database server does not start; retrying"),
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(delay) => delay = (delay * 2).min(LOG_CHECK_INTERVAL),
        }
    }
}

async fn launch_with_retries(plan: &Plan) -> Result<Child> {
    let mut attempt = 1;
    loop {
        stale_process::clear(&plan.dirs, &plan.account).await?;
        match launch(plan).await {
            Err(_) if attempt < START_ATTEMPTS => attempt += 1,
            result => return result,
        }
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

async fn launch(plan: &Plan) -> Result<Child> {
    plan.log.rotate_if_large();
    let log = plan.log.open()?;
    let mut command = plan.account.command(&plan.binaries.postgres());
    command.arg("-D").arg(plan.dirs.cluster());
    for (name, value) in settings(plan)? {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log)).process_group(0);
    let mut child = Command::from(command).spawn().context("cannot run the database server")?;
    match wait_until_ready(&mut child, &plan.dirs.cluster()).await {
        Ok(()) => Ok(child),
        Err(why) => {
            shut_down(&mut child, &CancellationToken::new()).await;
            bail!(
                "the embedded database server {why}; the last lines of {}:\n{}",
                plan.log.path().display(),
                plan.log.tail()
            )
        }
    }
}

/// Settings for the command line, which have precedence over the cluster's configuration files.
fn settings(plan: &Plan) -> Result<Vec<(&'static str, String)>> {
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).context("the path of the data directory is not UTF-8")
    };
    Ok(vec![
        ("listen_addresses", String::new()),
        ("unix_socket_directories", quoted(&text(plan.dirs.socket_dir())?)),
        ("unix_socket_permissions", "0700".into()),
        ("port", "5432".into()),
        ("max_connections", plan.max_connections.to_string()),
        ("hba_file", text(&plan.dirs.hba_file())?),
        ("ident_file", text(&plan.dirs.ident_file())?),
        ("logging_collector", "off".into()),
        ("log_destination", "stderr".into()),
        ("log_timezone", "UTC".into()),
        ("timezone", "UTC".into()),
    ])
}

/// Quotes an element of a comma-separated list of directories.
fn quoted(path: &str) -> String {
    let mut text = String::new();
    write!(text, "\"{}\"", path.replace('"', "\"\"")).expect("writing to a string succeeds");
    text
}

/// Reads the status from the server's pid file, which needs no connection.
async fn wait_until_ready(child: &mut Child, cluster: &Path) -> std::result::Result<(), String> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let deadline = Instant::now() + START_MAX;
    while Instant::now() < deadline {
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return Err(format!("exited while starting ({status})")),
            Err(e) => return Err(format!("cannot be waited for ({e})")),
        }
        if PidFile::read(cluster).is_some_and(|file| file.is_ready && Some(file.pid) == pid) {
            return Ok(());
        }
        tokio::time::sleep(READY_POLL_INTERVAL).await;
    }
    Err(format!("was not ready after {} s", START_MAX.as_secs()))
}

/// Fast shutdown (SIGINT): the server closes connections and writes a checkpoint. When `forced` or after a timeout,
/// immediate shutdown (SIGQUIT): the next start recovers from the write-ahead log.
async fn shut_down(child: &mut Child, forced: &CancellationToken) {
    signal(child, Signal::INT);
    tokio::select! {
        _ = child.wait() => return,
        () = forced.cancelled() => {}
        () = tokio::time::sleep(FAST_SHUTDOWN_TIMEOUT) => {}
    }
    signal(child, Signal::QUIT);
    if tokio::time::timeout(IMMEDIATE_SHUTDOWN_TIMEOUT, child.wait()).await.is_err() {
        tracing::error!("database server does not exit; killing it");
        // Nothing more can be done if this fails.
        let _ = child.kill().await;
    }
}

fn signal(child: &Child, signal: Signal) {
    // A child that has exited has no process id.
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(Err(error)) = pid.map(|pid| kill_process(pid, signal)) {
        tracing::warn!(%error, "cannot signal the database server");
    }
}
