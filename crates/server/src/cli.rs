//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use domain::checks::Severity;

/// Auth0 for SAFE: reads the security settings of Auth0 tenants and serves the misconfigurations as findings.
///
/// Environment variables configure it (see docs/configuration.md). Without `DATABASE_URL` it runs an embedded
/// database in ./data.
#[derive(Debug, Parser)]
#[command(name = "safe-auth0", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service: the API and the worker.
    Serve(Serve),
    /// Run only the worker, beside services that use the same database.
    Worker(Worker),
    /// Migrate the database schema and exit.
    Migrate,
    /// Show which keys encrypt the stored secrets, or re-encrypt the secrets with the first key.
    #[command(subcommand)]
    Keys(Keys),
    /// Print the OpenAPI document.
    Openapi,
    /// Print a token signed with the development key of the data directory.
    Token(Token),
    /// Check a tenant or a snapshot without a database.
    ///
    /// Prints findings and unknown checks. Exit code 0: checked. 1: checked, with a finding of the severity of
    /// --fail-on or higher. 2: not checked, because an option is invalid, or the tenant or all of its essential settings
    /// cannot be read. Unknown checks do not change the exit code without --fail-on-unknown.
    Check(Check),
    /// Read a tenant and print its snapshot, for `check --snapshot`.
    ///
    /// A snapshot contains no secrets. Exit code 2: none of the essential settings can be read.
    Snapshot(TenantToRead),
    /// Run simulated Auth0 tenants until Ctrl-C.
    SimulateTenant(SimulateTenant),
    /// Check the configuration without connecting to anything.
    CheckConfig {
        /// Print docs/configuration.md instead.
        #[arg(long, hide = true)]
        reference: bool,
    },
    /// Check whether the service at the configured address is ready.
    #[command(hide = true)]
    Healthcheck,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Keys {
    /// Print how many secrets each key encrypts, by format.
    ///
    /// Decrypts nothing. Format 1, of older versions, does not bind a secret to its organisation and origin. Exit code 1: a key is not in the key ring.
    Status,
    /// Re-encrypt with the first key the secrets that other keys encrypt, or that have format 1.
    ///
    /// The service may run meanwhile. Exit code 1: a secret cannot be decrypted.
    Reseal {
        /// Change nothing; the same as `status`.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Serve {
    /// Also run simulated Auth0 tenants, and print tokens and commands to paste.
    #[arg(long, visible_alias = "with-simulated-tenants")]
    pub demo: bool,
    /// Run only the API; processes of `safe-auth0 worker` run the syncs.
    #[arg(long)]
    pub no_worker: bool,
    /// Shut down when the parent process exits.
    #[arg(long, hide = true)]
    pub stop_with_parent: bool,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Worker {
    /// Shut down when the parent process exits.
    #[arg(long, hide = true)]
    pub stop_with_parent: bool,
}

#[derive(Debug, Args)]
pub struct Token {
    /// The caller's role.
    #[arg(long, value_parser = ["admin", "viewer"])]
    pub role: String,
    /// The caller's organisation.
    #[arg(long)]
    pub org: String,
    /// The caller's e-mail address, shown as Started By.
    #[arg(long)]
    pub email: String,
    /// How long the token is valid, at most 31 days.
    #[arg(long, default_value = "12h")]
    pub lifetime: String,
}

/// A tenant to read. `AUTH0_CLIENT_ID` and `AUTH0_CLIENT_SECRET` come from the environment.
#[derive(Debug, Args)]
pub struct TenantToRead {
    /// The tenant's Management API, such as `https://acme.eu.auth0.com/api/v2/`. The environment variables
    /// `AUTH0_CLIENT_ID` and `AUTH0_CLIENT_SECRET` have the credentials.
    #[arg(long, value_name = "URL")]
    pub api_identifier: Option<String>,
    /// The audience of access tokens. Needed only if the API Identifier has a custom domain.
    #[arg(long, value_name = "URL")]
    pub api_audience: Option<String>,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Check a snapshot instead of a tenant.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["api_identifier", "api_audience"])]
    pub snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub tenant: TenantToRead,
    /// A policy to apply: the body of `PUT /v1/policy`. Default: the catalogue's thresholds and severities.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Print the plan instead: the calls that fix the findings, in order, with the score after each.
    ///
    /// Nothing is sent to the tenant.
    #[arg(long, conflicts_with = "apply")]
    pub plan: bool,
    /// Print what changes if the findings of this check are fixed, or those of the whole plan; repeatable.
    ///
    /// Nothing is sent to the tenant: the calls are applied to its readings. --fail-on applies to what is left.
    #[arg(long, value_name = "CHECK|plan")]
    pub apply: Vec<String>,
    /// The output format.
    #[arg(long, visible_alias = "output", value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// When to colour severities in the table. auto: on a terminal, unless `NO_COLOR` is set.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Exit with 1 if a finding has this severity or a higher one. Unknown checks are not findings. Default with
    /// --baseline: info, otherwise none.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<Severity>,
    /// The output of an earlier `check --format json`: --fail-on applies only to findings that are new or have a higher
    /// severity than in it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "apply"])]
    pub baseline: Option<PathBuf>,
    /// Also exit with 1 if a check is unknown. With --baseline: if it was decided there.
    #[arg(long, conflicts_with_all = ["plan", "apply"])]
    pub fail_on_unknown: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// Text for people.
    Table,
    /// One JSON document.
    Json,
    /// A log of SARIF 2.1.0, for code scanning.
    Sarif,
    /// A JUnit report, for CI systems.
    Junit,
    /// A report for people, in GitHub's Markdown.
    Markdown,
    /// The same as one HTML page, to read and to print.
    Html,
    /// One line for each finding: its event of OCSF (Open Cybersecurity Schema Framework).
    Ocsf,
}

fn severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    found.ok_or_else(|| "one of critical, high, medium, low, info".to_owned())
}

#[derive(Debug, Args)]
pub struct SimulateTenant {
    /// The name of a bundled tenant, or a tenant file; repeatable. Default: all bundled tenants.
    #[arg(long = "tenant", value_name = "NAME|FILE")]
    pub tenants: Vec<String>,
    /// The address of the first tenant; the others get the next ports. Port 0: any free ports.
    #[arg(long, default_value = "127.0.0.1:9001")]
    pub listen: SocketAddr,
    /// Serve TLS, with certificates of an authority generated for this run.
    #[arg(long, requires = "ca_out")]
    pub tls: bool,
    /// Write that authority's certificate to this file, for `SAFE_AUTH0_EXTRA_CA_FILE`.
    #[arg(long, value_name = "FILE")]
    pub ca_out: Option<PathBuf>,
}
