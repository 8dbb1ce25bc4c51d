//! Cleans up after a killed service: stops its database server if that still runs, or removes its stale files. The
//! caller holds the lock of the data directory, so no other service uses the cluster.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::cluster_dir::ClusterDirs;
use super::os_account::Account;

const FAST_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);
const IMMEDIATE_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(15);

/// The contents of `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub struct PidFile {
    pub pid: i32,
    pub is_ready: bool,
}

impl PidFile {
    /// Reads the file of a cluster; `None` if it is missing or incomplete.
    pub fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
    }

    /// Line 1 is the process id, line 8 the status.
    fn parse(text: &str) -> Option<Self> {
        let pid: i32 = text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
        let is_ready = text.lines().nth(7).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, is_ready })
    }
}

/// Stops a server that still runs and removes stale files.
pub async fn clear(dirs: &ClusterDirs, account: &Account) -> Result<()> {
    let cluster = dirs.cluster();
    if let Some(PidFile { pid, .. }) = PidFile::read(&cluster)
        && is_server_of(pid, &cluster, account)
    {
        tracing::info!(pid, "stopping the database server of an earlier run");
        stop(pid, &cluster, account).await?;
    }
    // A server refuses to start if another process has the id in the file.
    for stale in [
        cluster.join("postmaster.pid"),
        dirs.socket_dir().join(".s.PGSQL.5432"),
        dirs.socket_dir().join(".s.PGSQL.5432.lock"),
    ] {
        if std::fs::remove_file(&stale).is_ok() {
            tracing::debug!(file = %stale.display(), "removed a stale file of an earlier run");
        }
    }
    Ok(())
}

async fn stop(pid: i32, cluster: &Path, account: &Account) -> Result<()> {
    let target = Pid::from_raw(pid).expect("a parsed pid is positive");
    for (signal, timeout) in
        [(Signal::INT, FAST_SHUTDOWN_TIMEOUT), (Signal::QUIT, IMMEDIATE_SHUTDOWN_TIMEOUT)]
    {
        // Fails if the server has exited meanwhile.
        let _ = kill_process(target, signal);
        let deadline = Instant::now() + timeout;
        while Instant::now() < deadline {
            if !is_server_of(pid, cluster, account) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    bail!("the database server of an earlier run (process {pid}) does not exit: kill it")
}

/// Whether a process is the server of this cluster: it runs as the server's user, with this directory as an argument.
/// The process id is not enough, because the system reuses ids.
fn is_server_of(pid: i32, cluster: &Path, account: &Account) -> bool {
    let Some(cluster) = cluster.to_str() else { return false };
    match std::fs::metadata(format!("/proc/{pid}")) {
        Ok(metadata) => {
            let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let mut arguments = arguments.split(|byte| *byte == 0);
            metadata.uid() == account.uid && arguments.any(|one| one == cluster.as_bytes())
        }
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => ps_shows(pid, cluster),
    }
}

/// For systems without `/proc`.
fn ps_shows(pid: i32, cluster: &str) -> bool {
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_pid_file_is_ignored() {
        let text = "4711\n/data/cluster\n1\n5432\n/data/socket\n\n  5432001  0\nready   \n";
        assert_eq!(PidFile::parse(text), Some(PidFile { pid: 4711, is_ready: true }));
        assert_eq!(PidFile::parse("4711\n/data"), Some(PidFile { pid: 4711, is_ready: false }));
        for broken in ["", "\n", "-5\n", "0\n", "text\n"] {
            assert_eq!(PidFile::parse(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn an_unrelated_process_is_not_mistaken_for_the_database_server() {
        let account = Account { name: "me".into(), uid: 1, gid: 1, is_other: false };
        let this = i32::try_from(std::process::id()).unwrap();
        assert!(!is_server_of(this, Path::new("/nowhere/cluster"), &account));
    }
}
