//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use domain::checks::Severity;

/// Auth0 for SAFE: reads Auth0 tenants' security settings and serves what is wrong with them.
///
/// Configured by environment variables (see docs/configuration.md). Without `DATABASE_URL` it runs a
/// database of its own in ./data.
#[derive(Debug, Parser)]
#[command(name = "safe-auth0", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service: the API and the worker.
    Serve(Serve),
    /// Run the worker alone, beside services that share its database.
    Worker(Worker),
    /// Bring the database's schema up to date and exit.
    Migrate,
    /// The keys that seal secrets at rest: which are in use, and sealing anew with the first one.
    #[command(subcommand)]
    Keys(Keys),
    /// Print the OpenAPI document.
    Openapi,
    /// Print a token signed with the development key of the data directory.
    Token(Token),
    /// Judge a tenant, or a snapshot of one, without a database: what is wrong, and what could not be
    /// looked at. Exit code 0: judged. 1: judged, and a finding is as bad as --fail-on says. 2: not judged,
    /// because the tenant cannot be read or none of its essential settings can. Unknown checks change no
    /// exit code.
    Check(Check),
    /// Read a tenant and print its snapshot, for `check --snapshot`. It holds nothing secret. Exit code 2 when
    /// none of the essential settings can be read.
    Snapshot(TenantToRead),
    /// Run simulated Auth0 tenants until Ctrl-C.
    SimulateTenant(SimulateTenant),
    /// Check the configuration without connecting to anything.
    CheckConfig {
        /// Print the reference of all keys instead.
        #[arg(long, hide = true)]
        reference: bool,
    },
    /// Ask the service at the configured address whether it is ready.
    #[command(hide = true)]
    Healthcheck,
}

/// What to do about the keys that seal secrets.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Keys {
    /// Print how many secrets each key has sealed. Opens none. Exit code 1 when a key is missing.
    Status,
    /// Seal anew, with the first key, what other keys have sealed, while the service runs. Exit code 1 when
    /// something cannot be opened.
    Reseal {
        /// Change nothing: the same as `status`.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Options of `serve`.
#[derive(Debug, Clone, Copy, Args)]
pub struct Serve {
    /// Also run simulated Auth0 tenants, and print tokens and calls to paste.
    #[arg(long, visible_alias = "with-simulated-tenants")]
    pub demo: bool,
    /// Run the API alone: processes of `safe-auth0 worker` run the syncs.
    #[arg(long)]
    pub no_worker: bool,
    /// End when the process that started this one ends.
    #[arg(long, hide = true)]
    pub stop_with_parent: bool,
}

/// Options of `worker`.
#[derive(Debug, Clone, Copy, Args)]
pub struct Worker {
    /// End when the process that started this one ends.
    #[arg(long, hide = true)]
    pub stop_with_parent: bool,
}

/// Whom the token speaks for.
#[derive(Debug, Args)]
pub struct Token {
    /// What the caller may do.
    #[arg(long, value_parser = ["admin", "viewer"])]
    pub role: String,
    /// The organisation.
    #[arg(long)]
    pub org: String,
    /// The e-mail address, shown as Started By.
    #[arg(long)]
    pub email: String,
    /// How long the token is accepted.
    #[arg(long, default_value = "12h")]
    pub lifetime: String,
}

/// A tenant to read. `AUTH0_CLIENT_ID` and `AUTH0_CLIENT_SECRET` come from the environment.
#[derive(Debug, Args)]
pub struct TenantToRead {
    /// Where its Management API is, such as `https://acme.eu.auth0.com/api/v2/`.
    #[arg(long, value_name = "URL")]
    pub api_identifier: Option<String>,
    /// What tokens are for; the API Identifier unless a custom domain is used there.
    #[arg(long, value_name = "URL")]
    pub api_audience: Option<String>,
}

/// What to judge, and how to tell.
#[derive(Debug, Args)]
pub struct Check {
    /// A snapshot instead of a tenant.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["api_identifier", "api_audience"])]
    pub snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub tenant: TenantToRead,
    /// A policy to judge by: the body of `PUT /v1/policy`. Without one the catalogue's own.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// How to print.
    #[arg(long, visible_alias = "output", value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Whether severities in the table have colours. auto: on a terminal, unless `NO_COLOR` is set.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Exit with 1 when a finding is at least as bad. What is unknown is printed and is no finding.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<Severity>,
}

/// How to print what was found.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// Lines for people.
    Table,
    /// One document for programs.
    Json,
    /// For each finding a line with its event of OCSF (Open Cybersecurity Schema Framework).
    Ocsf,
}

fn severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    found.ok_or_else(|| "one of critical, high, medium, low, info".to_owned())
}

/// Which tenants to simulate, and where.
#[derive(Debug, Args)]
pub struct SimulateTenant {
    /// A tenant by its name, or a file that describes one; may be repeated. Default: all by name.
    #[arg(long = "tenant", value_name = "NAME|FILE")]
    pub tenants: Vec<String>,
    /// The first one's address; the others follow on the next ports. Port 0: any free ones.
    #[arg(long, default_value = "127.0.0.1:9001")]
    pub listen: SocketAddr,
    /// Speak TLS, with certificates of an authority made for this run.
    #[arg(long, requires = "ca_out")]
    pub tls: bool,
    /// Where to write that authority's certificate, for `SAFE_AUTH0_EXTRA_CA_FILE`.
    #[arg(long, value_name = "FILE")]
    pub ca_out: Option<PathBuf>,
}
