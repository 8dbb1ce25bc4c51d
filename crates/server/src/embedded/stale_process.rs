//! What an earlier run that was killed left behind: a server that lives on, or files of one that
//! does not. The caller holds the lock of the data directory, so no other service uses the cluster.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::cluster_dir::Home;
use super::os_account::Account;

/// How long a server may take to end in an orderly way, and then at once.
const ORDERLY: Duration = Duration::from_secs(30);
const AT_ONCE: Duration = Duration::from_secs(15);

/// What `postmaster.pid` says.
#[derive(Debug, PartialEq, Eq)]
pub struct PidFile {
    pub pid: i32,
    pub is_ready: bool,
}

impl PidFile {
    /// Reads the file of a cluster; `None` where there is none, or it is only half written.
    pub fn read(cluster: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
    }

    /// Line 1 is the process, line 8 its status.
    fn parse(text: &str) -> Option<Self> {
        let pid: i32 = text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
        let is_ready = text.lines().nth(7).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, is_ready })
    }
}

/// Stops a server that lives on, and removes the files of one that does not.
pub async fn clear(home: &Home, account: &Account) -> Result<()> {
    let cluster = home.cluster();
    if let Some(PidFile { pid, .. }) = PidFile::read(&cluster)
        && is_server_of(pid, &cluster, account)
    {
        tracing::info!(pid, "stopping the database server that an earlier run left");
        stop(pid, &cluster, account).await?;
    }
    // The server itself refuses to start when another program has the process number in the file.
    for stale in [
        cluster.join("postmaster.pid"),
        home.socket_dir().join(".s.PGSQL.5432"),
        home.socket_dir().join(".s.PGSQL.5432.lock"),
    ] {
        if std::fs::remove_file(&stale).is_ok() {
            tracing::debug!(file = %stale.display(), "removed what an earlier run left");
        }
    }
    Ok(())
}

async fn stop(pid: i32, cluster: &Path, account: &Account) -> Result<()> {
    let target = Pid::from_raw(pid).expect("a pid file holds a positive number");
    for (signal, patience) in [(Signal::INT, ORDERLY), (Signal::QUIT, AT_ONCE)] {
        // It may have ended by itself meanwhile.
        let _ = kill_process(target, signal);
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if !is_server_of(pid, cluster, account) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    bail!("the database server that an earlier run left (process {pid}) does not end")
}

/// Whether a process is the server of this cluster: it belongs to the server's user and was started
/// on this directory. A number alone proves nothing, since the system reuses them.
fn is_server_of(pid: i32, cluster: &Path, account: &Account) -> bool {
    let Some(cluster) = cluster.to_str() else { return false };
    match std::fs::metadata(format!("/proc/{pid}")) {
        Ok(facts) => {
            let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let mut arguments = arguments.split(|byte| *byte == 0);
            facts.uid() == account.uid && arguments.any(|one| one == cluster.as_bytes())
        }
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => asks_ps(pid, cluster),
    }
}

/// Where there is no `/proc`.
fn asks_ps(pid: i32, cluster: &str) -> bool {
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_read_and_a_broken_one_is_not() {
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
