//! Shutdown on SIGINT (Ctrl-C), SIGTERM and SIGHUP: the first signal starts a graceful shutdown, a later one forces it.
//! `commands/serve.rs` drains the connections, `engine::worker` the syncs.

use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::set_parent_process_death_signal;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Signals that arrive within this time count as one: a terminal and `make` both forward Ctrl-C.
const DEBOUNCE: Duration = Duration::from_millis(750);

#[derive(Debug, Clone)]
pub struct Shutdown {
    /// Finish the work in progress, then exit.
    pub graceful: CancellationToken,
    /// Exit immediately.
    pub forced: CancellationToken,
}

/// Starts to handle the signals.
pub fn listen() -> Result<Shutdown> {
    let shutdown =
        Shutdown { graceful: CancellationToken::new(), forced: CancellationToken::new() };
    let mut signals = Signals::new().context("cannot handle signals")?;
    let requested = shutdown.clone();
    tokio::spawn(async move {
        signals.next().await;
        requested.graceful.cancel();
        let repeated = async {
            loop {
                signals.next().await;
            }
        };
        // Always times out: the loop is endless.
        let _ = tokio::time::timeout(DEBOUNCE, repeated).await;
        signals.next().await;
        requested.forced.cancel();
    });
    Ok(shutdown)
}

/// Makes the kernel send SIGTERM to this process when its parent exits.
pub fn stop_with_parent() -> Result<()> {
    set_parent_process_death_signal(Some(rustix::process::Signal::TERM))
        .context("cannot watch the parent process")
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        // Under `nohup` SIGHUP is ignored. A handler would undo that.
        let hang_up = (!ignores_hang_up()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Bit 0 of the ignored signals is SIGHUP. Without `/proc` it counts as not ignored.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).is_some_and(|set| set & 1 == 1)
}
