//! A replica with its database proxy, and the disturbances of both.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::Clock;
use domain::clock::SystemClock;
use jiff::Timestamp;
use rustix::process::Signal;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep, sleep_until};

use super::seeded_random::SeededRandom;
use crate::support::{Process, Proxy, ProxyMode, Site};

/// The shortest lease that can be configured, for fast takeovers.
const LEASE: &str = "5s";
pub const DATABASE: &str = "soak";

/// The disturbances, weighted by repetition.
const ACTS: &[Act] = &[
    Act::Kill,
    Act::Kill,
    Act::Stop,
    Act::Pause,
    Act::Pause,
    Act::Cut,
    Act::Cut,
    Act::Hold,
    Act::Silence,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// SIGKILL, then a new process after some time.
    Kill,
    /// SIGTERM, then a new process.
    Stop,
    /// SIGSTOP, then SIGCONT after some time.
    Pause,
    /// Its database connections are closed, and new ones fail for some time.
    Cut,
    /// Data between replica and database is delayed.
    Hold,
    /// Its present database connections transfer nothing any more.
    Silence,
}

pub struct Replica {
    name: String,
    proxy: Proxy,
    process: Process,
    address: Arc<Mutex<String>>,
    start: Box<dyn Fn(&str) -> Command + Send + Sync>,
    log: PathBuf,
    /// Start and end of each pause.
    pub pauses: Vec<(Timestamp, Timestamp)>,
    /// Number of disturbances.
    pub acts: u32,
}

impl Replica {
    pub async fn start(site: &Arc<Site>, index: usize) -> Self {
        let proxy = Proxy::start(site.cluster.socket()).await;
        let name = format!("replica-{index}");
        let log = site.log(&name);
        let own_site = Arc::clone(site);
        let start = move |url: &str| {
            let settings = [
                ("SAFE_AUTH0_WORKER_LEASE", LEASE),
                ("SAFE_AUTH0_WORKER_CONCURRENCY", "4"),
                ("SAFE_AUTH0_DATABASE_POOL_SIZE", "5"),
                ("SAFE_AUTH0_DATABASE_ACQUIRE_TIMEOUT", "2s"),
                // Already migrated. A replica paused during a migration would block the others.
                ("SAFE_AUTH0_MIGRATE_ON_START", "false"),
            ];
            // Without --stop-with-parent: the parent would be the thread that starts it.
            own_site.program_on(url, &["serve"], &settings)
        };
        let process = block_in_place(|| Process::start(start(&proxy.url(DATABASE)), &log));
        let address = Arc::new(Mutex::new(process.address.clone()));
        let start = Box::new(start);
        Self { name, proxy, process, address, start, log, pauses: Vec::new(), acts: 0 }
    }

    /// Its present address.
    pub fn address(&self) -> Arc<Mutex<String>> {
        Arc::clone(&self.address)
    }

    /// Disturbs it at random until `end`, and leaves it running and connected.
    #[expect(clippy::print_stdout, reason = "shows what led to a failure")]
    pub async fn disturb(&mut self, random: &mut SeededRandom, end: Instant) {
        loop {
            let next = Instant::now() + random.millis(300..3000);
            sleep_until(next.min(end)).await;
            if Instant::now() >= end {
                return;
            }
            let (act, time) = (random.pick(ACTS), random.millis(200..9000));
            let time = time.min(end - Instant::now() + Duration::from_secs(1));
            assert!(
                self.process.ended().is_none(),
                "the process exited unexpectedly:\n{}",
                self.process.log_tail()
            );
            println!("{}: {act:?} {time:?}", self.name);
            self.acts += 1;
            self.apply(act, time).await;
        }
    }

    async fn apply(&mut self, act: Act, time: Duration) {
        match act {
            Act::Kill => {
                self.process.kill();
                sleep(time / 4).await;
                self.restart();
            }
            Act::Stop => {
                self.stop();
                self.restart();
            }
            Act::Pause => {
                let from = SystemClock.now();
                self.process.signal(Signal::STOP);
                sleep(time).await;
                self.process.signal(Signal::CONT);
                self.pauses.push((from, SystemClock.now()));
            }
            Act::Cut | Act::Hold => {
                self.proxy.set(if act == Act::Cut { ProxyMode::Cut } else { ProxyMode::Held });
                sleep(time).await;
                self.proxy.set(ProxyMode::Open);
            }
            Act::Silence => self.proxy.silence(),
        }
    }

    fn restart(&mut self) {
        let command = (self.start)(&self.proxy.url(DATABASE));
        self.process = block_in_place(|| Process::start(command, &self.log));
        self.address.lock().unwrap().clone_from(&self.process.address);
    }

    /// Shuts it down gracefully.
    pub fn stop(&mut self) {
        self.process.signal(Signal::TERM);
        let status = block_in_place(|| self.process.wait());
        assert!(status.success(), "{status}:\n{}", self.process.log_tail());
        assert!(!self.process.log().contains("panicked"), "{}", self.process.log_tail());
    }
}
