//! A replica with its database proxy, and the faults injected into it.

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

use super::dice::Dice;
use crate::support::{Process, Proxy, Site, Way};

/// The shortest that can be configured, so that take-over happens within seconds.
const LEASE: &str = "5s";
pub const DATABASE: &str = "soak";

/// What happens to replicas, as often as it stands here.
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
    /// SIGKILL, and a new process after a while.
    Kill,
    /// SIGTERM, and a new process.
    Stop,
    /// SIGSTOP, and SIGCONT after a while.
    Pause,
    /// Its connections to the database break, and there are no new ones for a while.
    Cut,
    /// What it and the database say to each other arrives late.
    Hold,
    /// Its present connections to the database never carry anything again.
    Silence,
}

pub struct Replica {
    name: String,
    proxy: Proxy,
    process: Process,
    address: Arc<Mutex<String>>,
    start: Box<dyn Fn(&str) -> Command + Send + Sync>,
    log: PathBuf,
    /// When it was paused.
    pub pauses: Vec<(Timestamp, Timestamp)>,
    /// How often something happened to it.
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
                // Done once; a replica that is paused in the middle would hold the others up.
                ("SAFE_AUTH0_MIGRATE_ON_START", "false"),
            ];
            // Not to be stopped with its parent, which is whatever thread starts it.
            own_site.program_on(url, &["serve"], &settings)
        };
        let process = block_in_place(|| Process::start(start(&proxy.url(DATABASE)), &log));
        let address = Arc::new(Mutex::new(process.address.clone()));
        let start = Box::new(start);
        Self { name, proxy, process, address, start, log, pauses: Vec::new(), acts: 0 }
    }

    /// Where it listens at present.
    pub fn address(&self) -> Arc<Mutex<String>> {
        Arc::clone(&self.address)
    }

    /// Disturbs it at random; it is whole again in the end.
    #[expect(clippy::print_stdout, reason = "whoever looks at a failure wants to know")]
    pub async fn disturb(&mut self, dice: &mut Dice, end: Instant) {
        loop {
            let calm = Instant::now() + dice.millis(300..3000);
            sleep_until(calm.min(end)).await;
            if Instant::now() >= end {
                return;
            }
            let (act, time) = (dice.pick(ACTS), dice.millis(200..9000));
            let time = time.min(end - Instant::now() + Duration::from_secs(1));
            assert!(
                self.process.ended().is_none(),
                "it ended by itself:\n{}",
                self.process.log_tail()
            );
            println!("{}: {act:?} {time:?}", self.name);
            self.acts += 1;
            self.suffer(act, time).await;
        }
    }

    async fn suffer(&mut self, act: Act, time: Duration) {
        match act {
            Act::Kill => {
                self.process.kill();
                sleep(time / 4).await;
                self.start_again();
            }
            Act::Stop => {
                self.stop();
                self.start_again();
            }
            Act::Pause => {
                let from = SystemClock.now();
                self.process.signal(Signal::STOP);
                sleep(time).await;
                self.process.signal(Signal::CONT);
                self.pauses.push((from, SystemClock.now()));
            }
            Act::Cut | Act::Hold => {
                self.proxy.set(if act == Act::Cut { Way::Cut } else { Way::Held });
                sleep(time).await;
                self.proxy.set(Way::Open);
            }
            Act::Silence => self.proxy.silence(),
        }
    }

    fn start_again(&mut self) {
        let command = (self.start)(&self.proxy.url(DATABASE));
        self.process = block_in_place(|| Process::start(command, &self.log));
        self.address.lock().unwrap().clone_from(&self.process.address);
    }

    /// Ends it in order.
    pub fn stop(&mut self) {
        self.process.signal(Signal::TERM);
        let status = block_in_place(|| self.process.wait());
        assert!(status.success(), "{status}:\n{}", self.process.log_tail());
        assert!(!self.process.log().contains("panicked"), "{}", self.process.log_tail());
    }
}
