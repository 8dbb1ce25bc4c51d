//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    /// Print the OpenAPI document.
    Openapi,
    /// Print a token signed with the development key of the data directory.
    Token(Token),
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
