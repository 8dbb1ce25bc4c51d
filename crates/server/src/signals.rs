//! SIGINT (Ctrl-C), SIGTERM and SIGHUP: the first asks for an orderly end, a later one for an end at
//! once.

use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::set_parent_process_death_signal;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Signals this close to the first are the same wish, told by the terminal and by `make`.
const DEBOUNCE: Duration = Duration::from_millis(750);

/// What the signals ask for.
#[derive(Debug, Clone)]
pub struct Shutdown {
    /// End when what is in hand is done.
    pub graceful: CancellationToken,
    /// End now.
    pub forced: CancellationToken,
}

/// Listens from now on.
pub fn listen() -> Result<Shutdown> {
    let shutdown =
        Shutdown { graceful: CancellationToken::new(), forced: CancellationToken::new() };
    let mut wishes = Signals::new().context("signals cannot be received")?;
    let told = shutdown.clone();
    tokio::spawn(async move {
        wishes.next().await;
        told.graceful.cancel();
        let repeated = async {
            loop {
                wishes.next().await;
            }
        };
        // Ends by time alone.
        let _ = tokio::time::timeout(DEBOUNCE, repeated).await;
        wishes.next().await;
        told.forced.cancel();
    });
    Ok(shutdown)
}

/// The end of the process that started this one is a SIGTERM from now on.
pub fn stop_with_parent() -> Result<()> {
    set_parent_process_death_signal(Some(rustix::process::Signal::TERM))
        .context("the end of the starting process cannot be noticed")
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        // `nohup` ignores it for us; receiving it would undo that.
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

/// Bit 0 of the ignored signals is SIGHUP; where there is no `/proc`, it is taken as not ignored.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).is_some_and(|set| set & 1 == 1)
}
