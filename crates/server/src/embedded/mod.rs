//! The embedded database: a private PostgreSQL cluster in the data directory, run by the installed server programs.
//! It listens on a Unix socket that only the server's user and the service's user can use. The SQL is the same as with
//! an external database.

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
use cluster_dir::ClusterDirs;
use log_file::LogFile;
use os_account::Account;
use server::{Plan, Server};

use crate::data_dir::DataDir;

const ROLE: &str = "safe_auth0";
const DATABASE: &str = "safe_auth0";
const SUPERUSER: &str = "postgres";
/// Connections besides the pool's: for notifications, an operator, and the server's reserve.
const SPARE_CONNECTIONS: u32 = 20;

#[derive(Debug, Clone)]
pub struct Settings {
    /// The directories of `PATH`.
    pub path: Vec<PathBuf>,
    /// A directory for the socket if the path of the data directory is too long.
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
    /// Creates the cluster on the first start, cleans up after a killed service, and starts the server. `forced`
    /// makes its shutdown immediate.
    pub async fn start(
        data_dir: &DataDir,
        settings: &Settings,
        forced: CancellationToken,
    ) -> Result<Self> {
        let account = Account::choose(&ClusterDirs::cluster_of(data_dir.path()))?;
        let dirs =
            ClusterDirs::prepare(data_dir.path(), &account, settings.runtime_dir.as_deref())?;
        let binaries = Binaries::find(&settings.path, dirs.version(), &account)?;
        cluster::ensure_created(&dirs, &binaries, &account)?;
        let url = self::url(&dirs, ROLE).into();
        let administrator_url = self::url(&dirs, SUPERUSER);
        let plan = Plan {
            log: LogFile::new(data_dir.path(), settings.log_max_bytes),
            max_connections: settings.pool_size + SPARE_CONNECTIONS,
            dirs,
            binaries,
            account,
        };
        let server = Server::start(plan, forced).await?;
        // At every start, because clusters of earlier versions do not have the role.
        if let Err(error) = store::create_serving_role(&administrator_url, ROLE).await {
            server.stop().await;
            return Err(error).context("cannot create the serving role");
        }
        Ok(Self { server, url })
    }

    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// Stops the server and waits until it has exited.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

pub fn has_cluster(data_dir: &Path) -> bool {
    ClusterDirs::cluster_of(data_dir).exists()
}

fn url(dirs: &ClusterDirs, role: &str) -> String {
    let mut url = Url::parse("postgres://localhost").expect("a constant address parses");
    url.set_path(DATABASE);
    url.query_pairs_mut()
        .append_pair("host", &dirs.socket_dir().to_string_lossy())
        .append_pair("user", role)
        .append_pair("sslmode", "disable");
    url.to_string()
}
