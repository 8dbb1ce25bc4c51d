//! As which user the database server runs. It refuses root, so where we are root it runs as
//! `postgres`, else as `nobody`; an existing cluster runs as its owner. Everyone else runs it as
//! themselves.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{getegid, geteuid};

/// Users that may run the server for root, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// The user of the database server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    /// True where this is not the user we are.
    pub is_other: bool,
}

impl Account {
    /// The owner of the cluster if there is one, else who suits.
    pub fn choose(cluster: &Path) -> Result<Self> {
        let owner = std::fs::metadata(cluster).ok().map(|facts| (facts.uid(), facts.gid()));
        let me = geteuid().as_raw();
        match owner {
            Some((0, _)) => {
                bail!("{} belongs to root, as whom no cluster can run", cluster.display())
            }
            Some((uid, gid)) if me == 0 => {
                Ok(Self { name: name_of(uid)?, uid, gid, is_other: true })
            }
            Some((uid, _)) if uid != me => bail!(
                "{} belongs to another user: run as that user, or set SAFE_AUTH0_DATA_DIR to \
                 another directory",
                cluster.display()
            ),
            _ if me == 0 => for_root(),
            _ => {
                let gid = getegid().as_raw();
                Ok(Self { name: name_of(me)?, uid: me, gid, is_other: false })
            }
        }
    }

    /// A command that runs as this user, in no directory of ours and with nothing of our
    /// environment, which may hold secrets.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.current_dir("/").stdin(Stdio::null());
        if self.is_other {
            // Changing the user as root also drops the supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this user can pass through a directory and all above it: asked of the kernel, since
    /// permission bits are not the whole truth.
    pub fn can_enter(&self, dir: &Path) -> bool {
        let mut test = self.command(Path::new("/bin/sh"));
        test.args(["-c", "cd -- \"$1\"", "sh"])
            .arg(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        test.status().is_ok_and(|status| status.success())
    }
}

/// The name of the user that runs this process.
pub fn own_name() -> Result<String> {
    name_of(geteuid().as_raw())
}

fn for_root() -> Result<Account> {
    for name in CANDIDATES {
        if let (Some(uid), Some(gid)) = (number("-u", name), number("-g", name))
            && uid != 0
        {
            return Ok(Account { name: name.to_owned(), uid, gid, is_other: true });
        }
    }
    bail!("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

fn number(option: &str, name: &str) -> Option<u32> {
    id(&[option, name])?.parse().ok()
}

fn name_of(uid: u32) -> Result<String> {
    id(&["-un", &uid.to_string()]).with_context(|| {
        format!("user {uid} has no name on this machine, which PostgreSQL needs; set DATABASE_URL")
    })
}

/// Asks `id`, which knows every source of users that the machine is set up for.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
