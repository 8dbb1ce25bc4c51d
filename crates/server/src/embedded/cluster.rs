//! Makes the cluster, its role and its database. A start that is killed meanwhile leaves an
//! unfinished directory, which the next start throws away.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::binaries::Binaries;
use super::cluster_dir::{Home, own_private_dir};
use super::os_account::Account;
use super::{DATABASE, ROLE, SUPERUSER};

/// Locales, best first; the second is everywhere.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Makes the cluster where there is none.
pub fn ensure_made(home: &Home, binaries: &Binaries, account: &Account) -> Result<()> {
    let cluster = home.cluster();
    if home.version().is_some() {
        return Ok(());
    }
    ensure!(
        !cluster.exists(),
        "{} is not a cluster; move it away and start again",
        cluster.display()
    );
    tracing::info!(version = binaries.major, user = account.name, "making the embedded cluster");
    let mut refusal = String::new();
    for locale in LOCALES {
        home.remove_unfinished()?;
        let unfinished = own_private_dir(home.unfinished_cluster(), account)?;
        let output = initdb(&unfinished, locale, binaries, account)?;
        if output.status.success() {
            create_database(&unfinished, binaries, account)?;
            return std::fs::rename(&unfinished, &cluster)
                .with_context(|| format!("{} cannot be put in place", cluster.display()));
        }
        refusal = String::from_utf8_lossy(&output.stderr).into_owned();
        if !refusal.contains("locale") {
            break;
        }
    }
    bail!("the embedded cluster cannot be made: {}", refusal.trim())
}

fn initdb(dir: &Path, locale: &str, binaries: &Binaries, account: &Account) -> Result<Output> {
    let mut command = account.command(&binaries.initdb());
    command.arg("--pgdata").arg(dir).args(["--username", SUPERUSER, "--auth", "peer"]);
    command.args(["--encoding", "UTF8", "--locale", locale, "--no-instructions"]);
    command.output().context("initdb cannot be run")
}

/// The service's role owns its database and is no superuser. Made in single-user mode, so that a
/// cluster in place always has them.
fn create_database(dir: &Path, binaries: &Binaries, account: &Account) -> Result<()> {
    let mut command = account.command(&binaries.postgres());
    command.arg("--single").arg("-D").arg(dir).arg(SUPERUSER);
    let script = format!("CREATE ROLE {ROLE} LOGIN;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n");
    let output = run_with_input(command, &script).context("the database cannot be created")?;
    let said = String::from_utf8_lossy(&output.stderr);
    // A refused statement does not end this mode with a failure.
    let is_done = output.status.success() && !said.contains("ERROR") && !said.contains("FATAL");
    ensure!(is_done, "the database cannot be created: {}", said.trim());
    Ok(())
}

fn run_with_input(mut command: Command, input: &str) -> std::io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("the input is piped");
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    child.wait_with_output()
}
