//! The embedded database: a private PostgreSQL cluster in the data directory, run by the programs
//! that are installed, reached through a Unix socket that only its user and ours can use. The SQL
//! and everything above are the same as with a database of one's own.

mod binaries;
mod cluster;
mod cluster_dir;
mod log_file;
mod os_account;
mod server;
mod stale_process;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use url::Url;

use binaries::Binaries;
use cluster_dir::Home;
use log_file::LogFile;
use os_account::Account;
use server::{Plan, Server};

use crate::data_dir::DataDir;

const ROLE: &str = "safe_auth0";
const DATABASE: &str = "safe_auth0";
const SUPERUSER: &str = "postgres";
/// Connections beside the pool's: the one that listens, an operator's, and the server's reserve.
const SPARE_CONNECTIONS: u32 = 20;

/// How to run it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to look for programs.
    pub path: Vec<PathBuf>,
    /// A directory for sockets, for where the data directory's path is too long.
    pub runtime_dir: Option<PathBuf>,
    pub log_max_bytes: u64,
    pub pool_size: u32,
}

/// A running embedded database.
pub struct Embedded {
    server: Server,
    url: SecretString,
}

impl Embedded {
    /// Makes the cluster on the first start, clears up after a killed one, and starts the server.
    pub async fn start(
        data_dir: &DataDir,
        settings: &Settings,
        hurry: CancellationToken,
    ) -> Result<Self> {
        let account = Account::choose(&Home::cluster_of(data_dir.path()))?;
        let home = Home::prepare(data_dir.path(), &account, settings.runtime_dir.as_deref())?;
        let binaries = Binaries::find(&settings.path, home.version(), &account)?;
        cluster::ensure_made(&home, &binaries, &account)?;
        let url = self::url(&home, ROLE).into();
        let administrator_url = self::url(&home, SUPERUSER);
        let plan = Plan {
            log: LogFile::new(data_dir.path(), settings.log_max_bytes),
            max_connections: settings.pool_size + SPARE_CONNECTIONS,
            home,
            binaries,
            account,
        };
        let server = Server::start(plan, hurry).await?;
        // At every start: clusters made by earlier versions do not have it.
        if let Err(error) = store::create_serving_role(&administrator_url, ROLE).await {
            server.stop().await;
            return Err(error).context("the role that serves cannot be made");
        }
        Ok(Self { server, url })
    }

    /// Where to connect.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// Stops the server and waits for its end.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// Whether a data directory has a cluster.
pub fn has_cluster(data_dir: &Path) -> bool {
    Home::cluster_of(data_dir).exists()
}

fn url(home: &Home, role: &str) -> String {
    let mut url = Url::parse("postgres://localhost").expect("a constant address parses");
    url.set_path(DATABASE);
    url.query_pairs_mut()
        .append_pair("host", &home.socket_dir().to_string_lossy())
        .append_pair("user", role)
        .append_pair("sslmode", "disable");
    url.to_string()
}
