//! The data directory: one process at a time, private files written whole or not at all. What is in
//! it: the lock, the generated keys, the embedded cluster and its log.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;

/// How long a start waits for another process that is just stopping.
pub const PATIENCE: Duration = Duration::from_secs(8);

const LOCK: &str = "lock";
/// Permissions of the directory itself. Under root the database server runs as another user, who
/// must be able to pass through; nobody but us can list it.
const MODE: u32 = 0o700;
const MODE_FOR_ROOT: u32 = 0o711;

/// A data directory that this process alone uses, until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory where there is none and locks it. Waits up to `patience` for its user.
    pub async fn open(path: &Path, patience: Duration) -> Result<Self> {
        let shown = path.display();
        let mode = if geteuid().is_root() { MODE_FOR_ROOT } else { MODE };
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
            .with_context(|| format!("the data directory {shown} cannot be made"))?;
        let path = path.canonicalize().with_context(|| format!("{shown} cannot be reached"))?;
        let lock = lock(&path, patience).await?;
        Ok(Self { path, _lock: lock })
    }

    /// Absolute, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

async fn lock(dir: &Path, patience: Duration) -> Result<File> {
    let shown = dir.display();
    let path = dir.join(LOCK);
    let mut options = OpenOptions::new();
    // Files are opened close-on-exec, so the lock ends with us and not with the database server.
    let opened = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let mut file = opened.with_context(|| {
        format!(
            "the data directory {shown} cannot be written by this user; run as the user it \
             belongs to, or set SAFE_AUTH0_DATA_DIR to another directory"
        )
    })?;
    let until = Instant::now() + patience;
    let mut is_told = false;
    while let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
        if error.kind() != ErrorKind::WouldBlock {
            return Err(error).with_context(|| format!("{shown} cannot be locked"));
        }
        if Instant::now() >= until {
            let holder = lock_holder(&mut file);
            bail!("the data directory {shown} is in use by another safe-auth0{holder}");
        }
        if !std::mem::replace(&mut is_told, true) {
            tracing::info!(
                wait_s = patience.as_secs(),
                "the data directory is in use; waiting for it"
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The number is for people only; what counts is the lock.
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

/// Reads a private file; `None` where there is none.
pub fn read_private(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Writes a file that only we can read (0600), so that after a crash it is there whole or not at all.
pub fn write_private(path: &Path, contents: &[u8]) -> Result<()> {
    write_whole(path, contents, 0o600)
}

/// The same with other permissions.
pub fn write_whole(path: &Path, contents: &[u8], mode: u32) -> Result<()> {
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
    write().with_context(|| format!("{} cannot be written", path.display()))
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
        let dir = DataDir::open(&parent.path().join("made"), Duration::ZERO).await.unwrap();
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
