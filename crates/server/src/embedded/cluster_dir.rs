//! The directories of the cluster and its socket: in the data directory, or elsewhere if the server's user cannot
//! reach that or its path is too long for a socket.
//!
//! The root directory belongs to the service's user. It contains `cluster` and `socket`, which belong to the server's
//! user, and the two files that configure who may connect.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;

use super::os_account::{Account, own_name};
use super::{ROLE, SUPERUSER};
use crate::data_dir::write_atomic;
use crate::random;

/// The root directory, or a link to it, in the data directory.
const NAME: &str = "postgres";
const CLUSTER: &str = "cluster";
const UNFINISHED: &str = "cluster.new-";
/// Parent of root directories outside data directories.
const ELSEWHERE: &str = "/var/lib/safe-auth0";
/// Maximum length of the socket's directory, in bytes: the shortest limit for a socket's path (macOS: 103 bytes,
/// Linux: 107) without the file name.
const SOCKET_DIR_MAX: usize = 103 - "/.s.PGSQL.5432".len();

/// The directories of one embedded cluster.
#[derive(Debug, Clone)]
pub struct ClusterDirs {
    root: PathBuf,
    socket_dir: PathBuf,
}

impl ClusterDirs {
    /// The path of a data directory's cluster, whether or not it exists.
    pub fn cluster_of(data_dir: &Path) -> PathBuf {
        data_dir.join(NAME).join(CLUSTER)
    }

    /// Finds or creates the root directory and the socket's directory, and writes the access files.
    pub fn prepare(data_dir: &Path, account: &Account, runtime_dir: Option<&Path>) -> Result<Self> {
        let link = data_dir.join(NAME);
        if std::fs::symlink_metadata(&link).is_err() {
            create_root(data_dir, &link, account)?;
        }
        let root = link.canonicalize().with_context(|| {
            format!("{} links to a directory that does not exist", link.display())
        })?;
        ensure!(
            account.can_enter(&root),
            "PostgreSQL runs as user {}, who cannot reach {}: give this directory and its parents \
             execute permission (chmod o+x), or set SAFE_AUTH0_DATA_DIR to another directory",
            account.name,
            root.display()
        );
        let socket_dir = socket_dir(&root, account, runtime_dir)?;
        let dirs = Self { root, socket_dir };
        dirs.write_access(account)?;
        Ok(dirs)
    }

    pub fn cluster(&self) -> PathBuf {
        self.root.join(CLUSTER)
    }

    /// A unique path for a new cluster: after a killed start, its `initdb` may still write to the earlier path.
    pub fn unfinished_cluster(&self) -> PathBuf {
        self.root.join(format!("{UNFINISHED}{}", random::name(4)))
    }

    /// Removes the unfinished clusters of killed starts.
    pub fn remove_unfinished(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.root)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                std::fs::remove_dir_all(entry.path())
                    .with_context(|| format!("cannot remove {}", entry.path().display()))?;
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

    /// The major version that created the cluster; `None` without a cluster.
    pub fn version(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?;
        text.trim().parse().ok()
    }

    /// Allows two operating system users to connect: the one of this process and the server's. The kernel identifies
    /// them (`peer`), so there is no password.
    fn write_access(&self, account: &Account) -> Result<()> {
        let mut names = vec![own_name()?, account.name.clone()];
        names.dedup();
        let lines = names.iter().flat_map(|name| {
            [ROLE, SUPERUSER].map(|role| format!("safe_auth0 \"{name}\" {role}\n"))
        });
        let idents: String = lines.collect();
        write_atomic(&self.hba_file(), b"local all all peer map=safe_auth0\n", 0o644)?;
        write_atomic(&self.ident_file(), idents.as_bytes(), 0o644)
    }
}

fn create_root(data_dir: &Path, link: &Path, account: &Account) -> Result<()> {
    if account.can_enter(data_dir) {
        return create_dir(link, if account.is_other { 0o711 } else { 0o700 });
    }
    ensure!(account.is_other, "this user cannot enter {}", data_dir.display());
    let elsewhere = Path::new(ELSEWHERE).join(random::name(8));
    DirBuilder::new().recursive(true).mode(0o711).create(&elsewhere).with_context(|| {
        format!(
            "user {} cannot reach {}, and {ELSEWHERE} cannot be created instead",
            account.name,
            data_dir.display()
        )
    })?;
    tracing::info!(
        user = account.name,
        place = %elsewhere.display(),
        "creating the cluster outside the data directory, which the database server's user cannot reach"
    );
    symlink(&elsewhere, link).with_context(|| format!("cannot create {}", link.display()))
}

fn create_dir(path: &Path, mode: u32) -> Result<()> {
    let outcome = DirBuilder::new().mode(mode).create(path);
    outcome.with_context(|| format!("cannot create {}", path.display()))
}

fn socket_dir(root: &Path, account: &Account, runtime_dir: Option<&Path>) -> Result<PathBuf> {
    let near = root.join("socket");
    if near.as_os_str().len() <= SOCKET_DIR_MAX {
        return own_private_dir(near, account);
    }
    let name = format!("safe-auth0-{}-{}", account.uid, random::digest(root.as_os_str()));
    let is_own = |dir: &&Path| {
        std::fs::metadata(dir).is_ok_and(|metadata| metadata.uid() == geteuid().as_raw())
    };
    let base = if account.is_other { Some(Path::new("/run")) } else { runtime_dir };
    let far = base.filter(is_own).unwrap_or(Path::new("/tmp")).join(&name);
    // The runtime directory's path can be too long, too.
    let far =
        if far.as_os_str().len() <= SOCKET_DIR_MAX { far } else { Path::new("/tmp").join(name) };
    own_private_dir(far, account)
}

/// Creates a directory that only the server's user can enter. Checks an existing one, because in a directory like
/// `/tmp` another user may have created it.
pub fn own_private_dir(path: PathBuf, account: &Account) -> Result<PathBuf> {
    let shown = path.display();
    match DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) if account.is_other => {
            chown(&path, Some(account.uid), Some(account.gid)).with_context(|| {
                format!("cannot change the owner of {shown} to {}", account.name)
            })?;
        }
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            let found = std::fs::symlink_metadata(&path)?;
            // A start that was killed before it changed the owner.
            let is_unfinished = account.is_other && found.uid() == geteuid().as_raw();
            if found.is_dir() && is_unfinished {
                chown(&path, Some(account.uid), Some(account.gid))?;
            } else if !found.is_dir() || found.uid() != account.uid || found.mode() & 0o077 != 0 {
                bail!("{shown} is not a private directory of user {}: remove it", account.name);
            }
        }
        Err(e) => return Err(e).with_context(|| format!("cannot create {shown}")),
    }
    Ok(path)
}
