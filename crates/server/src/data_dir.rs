//! The data directory with the lock, the generated keys, the embedded cluster and its log. One process at a time uses
//! it. Its files are private and written atomically.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;

/// How long a start waits for another process to unlock the directory while that shuts down.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(8);

const LOCK: &str = "lock";
/// Permissions of the directory. Under root the database server runs as another user, who must be able to traverse it
/// but cannot list it.
const MODE: u32 = 0o700;
const MODE_FOR_ROOT: u32 = 0o711;

/// A data directory, locked by this process until dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Creates the directory if it is missing, and locks it. Waits up to `timeout` for the lock.
    pub async fn open(path: &Path, timeout: Duration) -> Result<Self> {
        let shown = path.display();
        let mode = if geteuid().is_root() { MODE_FOR_ROOT } else { MODE };
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
            .with_context(|| format!("cannot create the data directory {shown}"))?;
        let path = path.canonicalize().with_context(|| format!("cannot access {shown}"))?;
        let lock = lock(&path, timeout).await?;
        Ok(Self { path, _lock: lock })
    }

    /// Absolute, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

async fn lock(dir: &Path, timeout: Duration) -> Result<File> {
    let shown = dir.display();
    let path = dir.join(LOCK);
    let mut options = OpenOptions::new();
    // Files are opened close-on-exec, so the lock ends with this process and not with the database server.
    let opened = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let mut file = opened.with_context(|| {
        format!(
            "this user cannot write to the data directory {shown}: run as its owner, or set \
             SAFE_AUTH0_DATA_DIR to another directory"
        )
    })?;
    let deadline = Instant::now() + timeout;
    let mut is_logged = false;
    while let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
        if error.kind() != ErrorKind::WouldBlock {
            return Err(error).with_context(|| format!("cannot lock {shown}"));
        }
        if Instant::now() >= deadline {
            let holder = lock_holder(&mut file);
            bail!("the data directory {shown} is in use by another safe-auth0{holder}");
        }
        if !std::mem::replace(&mut is_logged, true) {
            tracing::info!(
                wait_s = timeout.as_secs(),
                "the data directory is in use; waiting for it"
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The process id is only for the error message of other processes.
    file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()))?;
    Ok(file)
}

fn lock_holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.is_empty() => format!(" (process {text})"),
        _ => String::new(),
    }
}

/// Reads a file; `None` if it does not exist.
pub fn read_private(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes a file atomically, readable only by this process's user (0600).
pub fn write_private(path: &Path, contents: &[u8]) -> Result<()> {
    write_atomic(path, contents, 0o600)
}

/// Writes a file atomically: after a crash it has the old or the new contents.
pub fn write_atomic(path: &Path, contents: &[u8], mode: u32) -> Result<()> {
    let unfinished = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        if let Err(e) = std::fs::remove_file(&unfinished)
            && e.kind() != ErrorKind::NotFound
        {
            return Err(e);
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
        file.write_all(contents)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_data_directory_is_locked_while_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDir::open(dir.path(), Duration::ZERO).await.unwrap();
        let refused = DataDir::open(dir.path(), Duration::ZERO).await.unwrap_err().to_string();
        assert!(refused.contains("in use by another safe-auth0 (process "), "{refused}");
        drop(first);
        DataDir::open(dir.path(), Duration::ZERO).await.unwrap();
    }

    #[tokio::test]
    async fn the_data_directory_is_private() {
        let parent = tempfile::tempdir().unwrap();
        let dir = DataDir::open(&parent.path().join("new"), Duration::ZERO).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(dir.path()) & !0o011, 0o700, "{:o}", mode(dir.path()));
        assert_eq!(mode(&dir.path().join(LOCK)), 0o600);
    }

    #[test]
    fn private_files_have_mode_0600_and_can_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert_eq!(read_private(&path).unwrap(), None);
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(read_private(&path).unwrap().unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
