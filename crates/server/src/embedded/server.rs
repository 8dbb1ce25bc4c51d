//! The running server: started in a process group of its own, so that a Ctrl-C on the terminal
//! reaches only us; watched and started again if it ends; stopped with us.

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
use super::cluster_dir::Home;
use super::log_file::LogFile;
use super::os_account::Account;
use super::stale_process::{self, PidFile};

/// Longest start; recovery after a crash can take a while.
const START_MAX: Duration = Duration::from_secs(300);
/// Processes of a killed server end a moment after it; until then a new one is refused.
const START_ATTEMPTS: u32 = 4;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(25);
const BOUND_LOG_EVERY: Duration = Duration::from_secs(30);
/// How long an orderly stop may take before it is done at once.
const STOP_MAX: Duration = Duration::from_secs(30);
const STOP_AT_ONCE_MAX: Duration = Duration::from_secs(10);

/// All that is needed to start the server, again too.
pub struct Plan {
    pub home: Home,
    pub binaries: Binaries,
    pub account: Account,
    pub log: LogFile,
    pub max_connections: u32,
}

/// A server that runs until it is stopped. It outlives us when we are killed; the next start stops it.
pub struct Server {
    stop: CancellationToken,
    watcher: JoinHandle<()>,
}

impl Server {
    /// Starts the server and waits until it takes connections. `hurry` makes the stop immediate.
    pub async fn start(plan: Plan, hurry: CancellationToken) -> Result<Self> {
        let child = launch_patiently(&plan).await?;
        let stop = CancellationToken::new();
        let watcher = tokio::spawn(watch(plan, child, stop.clone(), hurry));
        Ok(Self { stop, watcher })
    }

    /// Stops the server and waits for its end.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.watcher.await {
            tracing::error!(%error, "the watcher of the database server ended badly");
        }
    }
}

async fn watch(plan: Plan, mut child: Child, stop: CancellationToken, hurry: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return shut_down(&mut child, &hurry).await,
            () = tokio::time::sleep(BOUND_LOG_EVERY) => plan.log.bound(),
            ended = child.wait() => {
                let how = ended.map_or_else(|e| e.to_string(), |status| status.to_string());
                tracing::error!(how, "the database server ended by itself; starting it again");
                match start_again(&plan, &stop).await {
                    Some(again) => child = again,
                    None => return,
                }
            }
        }
    }
}

async fn start_again(plan: &Plan, stop: &CancellationToken) -> Option<Child> {
    let mut pause = BETWEEN_ATTEMPTS;
    loop {
        // Not cut off in the middle, so that no server is left that nobody watches.
        match launch_patiently(plan).await {
            Ok(child) => return Some(child),
            Err(error) => tracing::error!(%error, "the database server does not start"),
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(BOUND_LOG_EVERY),
        }
    }
}

async fn launch_patiently(plan: &Plan) -> Result<Child> {
    let mut attempt = 1;
    loop {
        stale_process::clear(&plan.home, &plan.account).await?;
        match launch(plan).await {
            Err(_) if attempt < START_ATTEMPTS => attempt += 1,
            result => return result,
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
}

async fn launch(plan: &Plan) -> Result<Child> {
    plan.log.bound();
    let log = plan.log.open()?;
    let mut command = plan.account.command(&plan.binaries.postgres());
    command.arg("-D").arg(plan.home.cluster());
    for (name, value) in settings(plan)? {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log)).process_group(0);
    let mut child = Command::from(command).spawn().context("the database server cannot be run")?;
    match wait_until_ready(&mut child, &plan.home.cluster()).await {
        Ok(()) => Ok(child),
        Err(why) => {
            shut_down(&mut child, &CancellationToken::new()).await;
            bail!(
                "the embedded database server {why}; the end of {}:\n{}",
                plan.log.path().display(),
                plan.log.tail()
            )
        }
    }
}

/// Given on the command line, where they win over any file of the cluster.
fn settings(plan: &Plan) -> Result<Vec<(&'static str, String)>> {
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).context("the path of the data directory is not UTF-8 text")
    };
    Ok(vec![
        ("listen_addresses", String::new()),
        ("unix_socket_directories", quoted(&text(plan.home.socket_dir())?)),
        ("unix_socket_permissions", "0700".into()),
        ("port", "5432".into()),
        ("max_connections", plan.max_connections.to_string()),
        ("hba_file", text(&plan.home.hba_file())?),
        ("ident_file", text(&plan.home.ident_file())?),
        ("logging_collector", "off".into()),
        ("log_destination", "stderr".into()),
        ("log_timezone", "UTC".into()),
        ("timezone", "UTC".into()),
    ])
}

/// An element of a list of directories, which commas separate.
fn quoted(path: &str) -> String {
    let mut text = String::new();
    write!(text, "\"{}\"", path.replace('"', "\"\"")).expect("writing to a string succeeds");
    text
}

/// The server writes its status into its pid file, so no connection is needed to ask.
async fn wait_until_ready(child: &mut Child, cluster: &Path) -> std::result::Result<(), String> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let until = Instant::now() + START_MAX;
    while Instant::now() < until {
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return Err(format!("ended while starting ({status})")),
            Err(e) => return Err(format!("cannot be watched ({e})")),
        }
        if PidFile::read(cluster).is_some_and(|file| file.is_ready && Some(file.pid) == pid) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(format!("was not ready after {} s", START_MAX.as_secs()))
}

/// Orderly: connections are cut, everything is written (fast shutdown). In a hurry the next start
/// recovers from the write-ahead log instead (immediate shutdown).
async fn shut_down(child: &mut Child, hurry: &CancellationToken) {
    signal(child, Signal::INT);
    tokio::select! {
        _ = child.wait() => return,
        () = hurry.cancelled() => {}
        () = tokio::time::sleep(STOP_MAX) => {}
    }
    signal(child, Signal::QUIT);
    if tokio::time::timeout(STOP_AT_ONCE_MAX, child.wait()).await.is_err() {
        tracing::error!("the database server does not end; killing it");
        // It is gone or it will be; there is nothing more to do.
        let _ = child.kill().await;
    }
}

fn signal(child: &Child, signal: Signal) {
    // Without a number the child has ended and was waited for.
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(Err(error)) = pid.map(|pid| kill_process(pid, signal)) {
        tracing::warn!(%error, "the database server cannot be signalled");
    }
}
