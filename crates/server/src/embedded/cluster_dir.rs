//! Where the cluster and its socket live. Normally in the data directory; elsewhere where the
//! server's user cannot reach that, or where the path is too long for a socket.
//!
//! `home` is ours and holds `cluster` and `socket`, which belong to the server's user, and the two
//! files that say who may connect.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;

use super::os_account::{Account, own_name};
use super::{ROLE, SUPERUSER};
use crate::data_dir::write_whole;
use crate::random;

/// What holds the home in a data directory: a directory, or a link to one.
const NAME: &str = "postgres";
const CLUSTER: &str = "cluster";
const UNFINISHED: &str = "cluster.new-";
/// Homes outside data directories.
const ELSEWHERE: &str = "/var/lib/safe-auth0";
/// Longest directory of a socket: the shortest limit of a socket's path (macOS: 103 bytes, Linux:
/// 107) less the file's name.
const SOCKET_DIR_MAX: usize = 103 - "/.s.PGSQL.5432".len();

/// The directories of one embedded cluster.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
    socket_dir: PathBuf,
}

impl Home {
    /// Where the cluster of a data directory is, if there is one.
    pub fn cluster_of(data_dir: &Path) -> PathBuf {
        data_dir.join(NAME).join(CLUSTER)
    }

    /// Finds the home, or makes it where it can be reached, with the directory for the socket.
    pub fn prepare(data_dir: &Path, account: &Account, runtime_dir: Option<&Path>) -> Result<Self> {
        let link = data_dir.join(NAME);
        if std::fs::symlink_metadata(&link).is_err() {
            make(data_dir, &link, account)?;
        }
        let root = link.canonicalize().with_context(|| {
            format!("{} leads to a directory that is not there any more", link.display())
        })?;
        ensure!(
            account.can_enter(&root),
            "the user {}, as whom PostgreSQL runs, cannot reach {}: give it and the directories \
             above it execute permission (chmod o+x), or set SAFE_AUTH0_DATA_DIR to another place",
            account.name,
            root.display()
        );
        let socket_dir = socket_dir(&root, account, runtime_dir)?;
        let home = Self { root, socket_dir };
        home.write_access(account)?;
        Ok(home)
    }

    pub fn cluster(&self) -> PathBuf {
        self.root.join(CLUSTER)
    }

    /// A new name for a cluster that is being made: the program that made an earlier one may live
    /// on for a moment after its start was killed.
    pub fn unfinished_cluster(&self) -> PathBuf {
        self.root.join(format!("{UNFINISHED}{}", random::name(4)))
    }

    /// Removes clusters whose making was killed.
    pub fn remove_unfinished(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                std::fs::remove_dir_all(entry.path())
                    .with_context(|| format!("{} cannot be removed", entry.path().display()))?;
            }
        }
        Ok(())
    }

    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    pub fn hba_file(&self) -> PathBuf {
        self.root.join("pg_hba.conf")
    }

    pub fn ident_file(&self) -> PathBuf {
        self.root.join("pg_ident.conf")
    }

    /// The major version that made the cluster; `None` where there is no cluster.
    pub fn version(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?;
        text.trim().parse().ok()
    }

    /// Two users of the machine may connect through the socket: the one we are and the server's.
    /// The kernel says who connects, so there is no password to keep.
    fn write_access(&self, account: &Account) -> Result<()> {
        let mut names = vec![own_name()?, account.name.clone()];
        names.dedup();
        let lines = names.iter().flat_map(|name| {
            [ROLE, SUPERUSER].map(|role| format!("safe_auth0 \"{name}\" {role}\n"))
        });
        let idents: String = lines.collect();
        write_whole(&self.hba_file(), b"local all all peer map=safe_auth0\n", 0o644)?;
        write_whole(&self.ident_file(), idents.as_bytes(), 0o644)
    }
}

fn make(data_dir: &Path, link: &Path, account: &Account) -> Result<()> {
    if account.can_enter(data_dir) {
        return make_dir(link, if account.is_other { 0o711 } else { 0o700 });
    }
    ensure!(account.is_other, "{} cannot be entered by its own user", data_dir.display());
    let elsewhere = Path::new(ELSEWHERE).join(random::name(8));
    DirBuilder::new().recursive(true).mode(0o711).create(&elsewhere).with_context(|| {
        format!(
            "the user {} cannot reach {}, and {ELSEWHERE} cannot be made instead",
            account.name,
            data_dir.display()
        )
    })?;
    tracing::info!(
        user = account.name,
        place = %elsewhere.display(),
        "the cluster lives outside the data directory, which the database server's user cannot reach"
    );
    symlink(&elsewhere, link).with_context(|| format!("{} cannot be made", link.display()))
}

fn make_dir(path: &Path, mode: u32) -> Result<()> {
    let outcome = DirBuilder::new().mode(mode).create(path);
    outcome.with_context(|| format!("{} cannot be made", path.display()))
}

fn socket_dir(root: &Path, account: &Account, runtime_dir: Option<&Path>) -> Result<PathBuf> {
    let near = root.join("socket");
    if near.as_os_str().len() <= SOCKET_DIR_MAX {
        return own_private_dir(near, account);
    }
    let name = format!("safe-auth0-{}-{}", account.uid, random::digest(root.as_os_str()));
    let is_ours =
        |dir: &&Path| std::fs::metadata(dir).is_ok_and(|facts| facts.uid() == geteuid().as_raw());
    let base = if account.is_other { Some(Path::new("/run")) } else { runtime_dir };
    let far = base.filter(is_ours).unwrap_or(Path::new("/tmp")).join(&name);
    // A runtime directory can itself be too deep.
    let far =
        if far.as_os_str().len() <= SOCKET_DIR_MAX { far } else { Path::new("/tmp").join(name) };
    own_private_dir(far, account)
}

/// Makes a directory that only the server's user can enter, or checks that an existing one is that;
/// in a directory everyone can write to, somebody else may have put something in its place.
pub fn own_private_dir(path: PathBuf, account: &Account) -> Result<PathBuf> {
    let shown = path.display();
    match DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) if account.is_other => {
            chown(&path, Some(account.uid), Some(account.gid))
                .with_context(|| format!("{shown} cannot be given to {}", account.name))?;
        }
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            let facts = std::fs::symlink_metadata(&path)?;
            // Left by a start that was killed before it gave the directory away.
            let is_unfinished = account.is_other && facts.uid() == geteuid().as_raw();
            if facts.is_dir() && is_unfinished {
                chown(&path, Some(account.uid), Some(account.gid))?;
            } else if !facts.is_dir() || facts.uid() != account.uid || facts.mode() & 0o077 != 0 {
                bail!("{shown} is not a private directory of {}: remove it", account.name);
            }
        }
        Err(e) => return Err(e).with_context(|| format!("{shown} cannot be made")),
    }
    Ok(path)
}
