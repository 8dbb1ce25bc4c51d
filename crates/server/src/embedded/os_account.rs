//! The operating system user that the database server runs as. PostgreSQL refuses root, so under root it is
//! `postgres`, or else `nobody`; an existing cluster runs as its owner. Otherwise it is the user of this process.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::process::{getegid, geteuid};

/// Users that run the server under root, in order of preference.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    /// Whether this is not the user of this process.
    pub is_other: bool,
}

impl Account {
    /// The owner of an existing cluster, or else a suitable user.
    pub fn choose(cluster: &Path) -> Result<Self> {
        let owner =
            std::fs::metadata(cluster).ok().map(|metadata| (metadata.uid(), metadata.gid()));
        let me = geteuid().as_raw();
        match owner {
            Some((0, _)) => {
                bail!(
                    "{} belongs to root, and PostgreSQL refuses to run as root: change its owner",
                    cluster.display()
                )
            }
            Some((uid, gid)) if me == 0 => {
                Ok(Self { name: name_of(uid)?, uid, gid, is_other: true })
            }
            Some((uid, _)) if uid != me => bail!(
                "{} belongs to another user: run as its owner, or set SAFE_AUTH0_DATA_DIR to \
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

    /// A command that runs as this user, in `/` and without the environment of this process, which may contain secrets.
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

    /// Whether this user can enter a directory. Tries it, because permission bits do not tell everything.
    pub fn can_enter(&self, dir: &Path) -> bool {
        let mut test = self.command(Path::new("/bin/sh"));
        test.args(["-c", "cd -- \"$1\"", "sh"])
            .arg(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        test.status().is_ok_and(|status| status.success())
    }
}

/// The name of the user of this process.
pub fn own_name() -> Result<String> {
    name_of(geteuid().as_raw())
}

fn for_root() -> Result<Account> {
    for name in CANDIDATES {
        if let (Some(uid), Some(gid)) = (numeric_id("-u", name), numeric_id("-g", name))
            && uid != 0
        {
            return Ok(Account { name: name.to_owned(), uid, gid, is_other: true });
        }
    }
    bail!(
        "PostgreSQL refuses to run as root, and neither user postgres nor user nobody exists: \
         create the user postgres, run as another user, or set DATABASE_URL"
    )
}

fn numeric_id(option: &str, name: &str) -> Option<u32> {
    id(&[option, name])?.parse().ok()
}

fn name_of(uid: u32) -> Result<String> {
    id(&["-un", &uid.to_string()]).with_context(|| {
        format!(
            "user {uid} has no name on this machine, and PostgreSQL needs one: create the user, \
             or set DATABASE_URL"
        )
    })
}

/// Runs `id`, which reads every source of users that the machine is configured for.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
