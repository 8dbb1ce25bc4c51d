//! A private PostgreSQL cluster that a test can stop and start. It listens on a socket and is removed on drop. Under
//! root the server runs as `postgres`, or else `nobody`.

use std::fs::File;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;

use super::START_MAX;

/// `fsync=off`: only a crash of the machine loses committed data, not a crash of the server.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "max_connections=200",
    "shared_buffers=32MB",
    "fsync=off",
    "log_min_messages=fatal",
    // The soak test orders events by commit time.
    "track_commit_timestamp=on",
];

pub struct Cluster {
    dir: TempDir,
    programs: PathBuf,
    /// User and group of the server, if not those of this process.
    account: Option<(u32, u32)>,
    server: Option<Child>,
}

impl Cluster {
    /// Creates and starts a cluster.
    pub fn start() -> Self {
        // A short path, because the length of a socket's path is limited.
        let dir =
            tempfile::Builder::new().prefix("safe-auth0-process.").tempdir_in("/tmp").unwrap();
        let account = geteuid().is_root().then(account_for_root);
        if let Some((uid, gid)) = account {
            chown(dir.path(), Some(uid), Some(gid)).unwrap();
        }
        let mut cluster = Self { dir, programs: programs(), account, server: None };
        let mut initdb = cluster.command("initdb");
        initdb.arg("--pgdata").arg(cluster.data());
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        let made = initdb.arg("--no-sync").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.resume();
        cluster
    }

    /// Starts or restarts it and waits until it accepts connections.
    pub fn resume(&mut self) {
        let log = File::options().create(true).append(true).open(self.dir.path().join("log"));
        let log = log.unwrap();
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data());
        command.arg("-c").arg(format!("unix_socket_directories={}", self.dir.path().display()));
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap();
        let pid = child.id().to_string();
        self.server = Some(child);
        let end = Instant::now() + START_MAX;
        while !is_ready(&self.data(), &pid) {
            assert!(Instant::now() < end, "the cluster does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it like a crash: connections break, and the next start recovers from the write-ahead log.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
        kill_process(pid, Signal::QUIT).unwrap();
        server.wait().unwrap();
    }

    /// The URL of a database, through the socket.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.dir.path().display())
    }

    /// The URL for another login. No login needs a password.
    pub fn url_as(&self, login: &str, database: &str) -> String {
        self.url(database).replacen("postgres@", &format!("{login}@"), 1)
    }

    /// Dumps a database as its owner, as docs/operations.md describes.
    pub fn dump(&self, owner: &str, database: &str) -> String {
        let mut program = self.command("pg_dump");
        program.env("PGOPTIONS", "-c safe_auth0.across=administration");
        program.args(["--enable-row-security", &self.url_as(owner, database)]);
        let output = program.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The path of the server's socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join(".s.PGSQL.5432")
    }

    /// Connects to a database as the superuser.
    pub async fn connect(&self, database: &str) -> PgPool {
        let options = PgPoolOptions::new().max_connections(4).acquire_timeout(START_MAX);
        options.connect(&self.url(database)).await.unwrap()
    }

    /// Every file of the cluster: tables, indexes, the write-ahead log.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let (mut folders, mut files) = (vec![self.data()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else if let Ok(bytes) = std::fs::read(entry.path()) {
                    files.push((entry.path().display().to_string(), bytes));
                }
            }
        }
        files
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("cluster")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some((uid, gid)) = self.account {
            // Changing the user as root also drops the supplementary groups.
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reads the status from the server's pid file, which needs no connection.
fn is_ready(data: &Path, pid: &str) -> bool {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines();
    lines.next() == Some(pid) && lines.nth(6).is_some_and(|status| status.trim() == "ready")
}

fn programs() -> PathBuf {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres-bin");
    let output = Command::new(script).output().unwrap();
    assert!(
        output.status.success(),
        "the server programs of PostgreSQL are missing: make postgres"
    );
    String::from_utf8(output.stdout).unwrap().trim().into()
}

fn account_for_root() -> (u32, u32) {
    let number = |option: &str, name: &str| -> Option<u32> {
        let output = Command::new("id").args([option, name]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let mut both = ["postgres", "nobody"].into_iter();
    both.find_map(|name| Some((number("-u", name)?, number("-g", name)?))).unwrap()
}
