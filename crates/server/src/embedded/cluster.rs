//! Creates the cluster, its role and its database. A start that is killed meanwhile leaves an unfinished directory,
//! which the next start removes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::binaries::Binaries;
use super::cluster_dir::{ClusterDirs, own_private_dir};
use super::os_account::Account;
use super::{DATABASE, ROLE, SUPERUSER};

/// Locales in order of preference. `C` exists on every system.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Creates the cluster unless it exists.
pub fn ensure_created(dirs: &ClusterDirs, binaries: &Binaries, account: &Account) -> Result<()> {
    let cluster = dirs.cluster();
    if dirs.version().is_some() {
        return Ok(());
    }
    ensure!(
        !cluster.exists(),
        "{} exists but is not a PostgreSQL cluster: move it away and start again",
        cluster.display()
    );
    tracing::info!(version = binaries.major, user = account.name, "creating the embedded cluster");
    let mut error = String::new();
    for locale in LOCALES {
        dirs.remove_unfinished()?;
        let unfinished = own_private_dir(dirs.unfinished_cluster(), account)?;
        let output = initdb(&unfinished, locale, binaries, account)?;
        if output.status.success() {
            create_database(&unfinished, binaries, account)?;
            return std::fs::rename(&unfinished, &cluster)
                .with_context(|| format!("cannot create {}", cluster.display()));
        }
        error = String::from_utf8_lossy(&output.stderr).into_owned();
        if !error.contains("locale") {
            break;
        }
    }
    bail!("cannot create the embedded cluster: {}", error.trim())
}

fn initdb(dir: &Path, locale: &str, binaries: &Binaries, account: &Account) -> Result<Output> {
    let mut command = account.command(&binaries.initdb());
    command.arg("--pgdata").arg(dir).args(["--username", SUPERUSER, "--auth", "peer"]);
    command.args(["--encoding", "UTF8", "--locale", locale, "--no-instructions"]);
    command.output().context("cannot run initdb")
}

/// Creates the service's role, which is not a superuser, and the database that it owns. In single-user mode, before
/// the cluster gets its final name, so that every cluster has both.
fn create_database(dir: &Path, binaries: &Binaries, account: &Account) -> Result<()> {
    let mut command = account.command(&binaries.postgres());
    command.arg("--single").arg("-D").arg(dir).arg(SUPERUSER);
    let script = format!("CREATE ROLE {ROLE} LOGIN;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n");
    let output = run_with_input(command, &script).context("cannot create the database")?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    // In single-user mode the exit status is 0 even if a statement failed.
    let is_done = output.status.success() && !stderr.contains("ERROR") && !stderr.contains("FATAL");
    ensure!(is_done, "cannot create the database: {}", stderr.trim());
    Ok(())
}

fn run_with_input(mut command: Command, input: &str) -> std::io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    child.wait_with_output()
}
