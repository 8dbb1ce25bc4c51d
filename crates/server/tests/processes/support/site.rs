//! The environment of the program: a database cluster, simulated tenants, tokens.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use domain::Clock;
use domain::clock::SystemClock;
use serde_json::{Value, json};
use simulator::{SimulatedTenant, TenantFile, Tls};
use tempfile::TempDir;

use super::{Api, Callers, Cluster, Process};

/// Ten times the duration of the slowest call.
const CALL_MAX: Duration = Duration::from_secs(60);

pub struct Site {
    pub cluster: Cluster,
    pub tenants: Vec<SimulatedTenant>,
    callers: Callers,
    dir: TempDir,
}

impl Site {
    /// Starts these tenants, without rate limits.
    pub async fn start(files: Vec<TenantFile>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // The user of an embedded cluster must be able to traverse it.
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let unlimited = |(index, mut file): (usize, TenantFile)| {
            file.bucket = simulator::Limit::Unlimited;
            file.token_bucket = simulator::Limit::Unlimited;
            // The host of the audience identifies a tenant, and all of these listen on the same host.
            file.audience = Some(format!("https://tenant-{index}.example/api/v2/"));
            file
        };
        let files = files.into_iter().enumerate().map(unlimited).collect();
        let now = Arc::new(|| SystemClock.now());
        let any_port = "127.0.0.1:0".parse().unwrap();
        Self {
            tenants: simulator::serve(files, any_port, Tls::Plain, now).await.unwrap(),
            cluster: Cluster::start(),
            callers: Callers::new(dir.path()),
            dir,
        }
    }

    /// Starts the bundled tenants of these names.
    pub async fn with(bundled: &[&str]) -> Self {
        Self::start(bundled.iter().map(|name| TenantFile::bundled(name).unwrap()).collect()).await
    }

    /// The program on the database at this URL.
    pub fn program_on(&self, url: &str, command: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut program = Process::program();
        let origins: Vec<String> = self.tenants.iter().map(SimulatedTenant::origin).collect();
        program
            .args(command)
            .env("SAFE_AUTH0_LISTEN", "127.0.0.1:0")
            .env("DATABASE_URL", url)
            .env("SAFE_AUTH0_EXTRA_TENANT_ORIGINS", origins.join(","))
            .env("SAFE_AUTH0_WORKER_POLL_INTERVAL", "500ms")
            // These tests are not about rate limits.
            .env("SAFE_AUTH0_CALLER_REQUESTS_PER_MINUTE", "1000000")
            .env("SAFE_AUTH0_CALLER_BURST", "1000000")
            .env("SAFE_AUTH0_TESTS_PER_MINUTE", "1000000")
            .env("SAFE_AUTH0_TESTS_AT_ONCE", "1000")
            .envs(settings.iter().copied());
        self.callers.configure(&mut program);
        program
    }

    /// The program on the cluster's own database.
    pub fn program(&self, command: &[&str], settings: &[(&str, &str)]) -> Command {
        self.program_on(&self.cluster.url("postgres"), command, settings)
    }

    /// Starts `serve` and waits until it listens.
    pub fn serve(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Process {
        let command = [&["serve"], arguments].concat();
        Process::start(self.program(&command, settings), &self.log("serve"))
    }

    /// The log file for a process of this name.
    pub fn log(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }

    /// A directory for files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A token of an administrator of the organisation.
    pub fn token(&self, organisation: &str) -> String {
        self.callers.token(organisation)
    }

    /// A client with a token of an administrator of the organisation.
    pub fn api(&self, organisation: &str) -> Api {
        self.api_within(organisation, CALL_MAX)
    }

    /// A client with another timeout.
    pub fn api_within(&self, organisation: &str, timeout: Duration) -> Api {
        Api::new(self.token(organisation), timeout)
    }

    /// The configuration form of a tenant, filled in.
    pub fn form(&self, index: usize) -> Value {
        let tenant = &self.tenants[index];
        let (client_id, client_secret) = tenant.credentials();
        json!({
            "api_identifier": tenant.api_identifier(), "client_id": client_id,
            "client_secret": client_secret, "api_audience": tenant.audience(),
        })
    }

    /// Saves an integration of the tenant and returns its id.
    pub async fn create(&self, api: &Api, address: &str, index: usize) -> String {
        let form = self.form(index);
        api.post(address, "/v1/integrations", Some(&form)).await.expect(201).id()
    }
}
