//! The program as a child process, with its log in a file. Stopped on drop, even if paused.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::START_MAX;

const LINES_SHOWN: usize = 30;

pub struct Process {
    child: Child,
    log: PathBuf,
    /// The address of its API; empty without one.
    pub address: String,
}

impl Process {
    /// The program with an empty environment, because the test's own may configure it.
    pub fn program() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_safe-auth0"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("SAFE_AUTH0_LOG_FORMAT", "json");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts it. Its log is appended to the file.
    pub fn spawn(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let printed = log.with_extension("out");
        let printed = File::options().create(true).append(true).open(printed).unwrap();
        let child = command.stdout(printed).stderr(file).spawn().unwrap();
        Self { child, log: log.to_owned(), address: String::new() }
    }

    /// Starts it on a free port and waits until its API listens.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let before = std::fs::metadata(log).map_or(0, |metadata| metadata.len());
        command.env("SAFE_AUTH0_LISTEN", "127.0.0.1:0");
        // Its drop stops it if an assertion below fails.
        let mut process = Self::spawn(command, log);
        let end = Instant::now() + START_MAX;
        while process.address.is_empty() {
            let text = process.log_from(before);
            assert!(Instant::now() < end && process.ended().is_none(), "no start:\n{text}");
            let rest = text.split("\"address\":\"").nth(1).unwrap_or_default();
            rest.split('"').next().unwrap_or_default().clone_into(&mut process.address);
            std::thread::sleep(Duration::from_millis(20));
        }
        process
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The exit status, if it has exited.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The log of this process and earlier ones with the same file.
    pub fn log(&self) -> String {
        self.log_from(0)
    }

    /// Its standard output.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(self.log.with_extension("out")).unwrap()
    }

    /// The last lines of the log, for messages.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
    }

    fn log_from(&self, start: u64) -> String {
        let mut file = File::open(&self.log).unwrap();
        file.seek(SeekFrom::Start(start)).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            // A paused process gets SIGTERM when it continues.
            self.signal(Signal::TERM);
            self.signal(Signal::CONT);
            self.child.wait().unwrap();
        }
    }
}
