//! The database server's log. Above its maximum size it is rotated to `postgres.log.1`, which is overwritten.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Lines shown when the server does not start.
const TAIL_LINES: usize = 6;

#[derive(Debug, Clone)]
pub struct LogFile {
    path: PathBuf,
    max_bytes: u64,
}

impl LogFile {
    pub fn new(data_dir: &Path, max_bytes: u64) -> Self {
        Self { path: data_dir.join("postgres.log"), max_bytes }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A handle for the server. It appends, so that the file can be truncated while it is open.
    pub fn open(&self) -> Result<File> {
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path);
        opened.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Copies and truncates the log if it is too large. The server keeps writing to the same file, also when it
    /// outlives a killed service. A line written between copy and truncation is lost.
    pub fn rotate_if_large(&self) {
        let is_large =
            std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() > self.max_bytes);
        if !is_large {
            return;
        }
        let mut older = self.path.clone().into_os_string();
        older.push(".1");
        let rotated = std::fs::copy(&self.path, older)
            .and_then(|_| OpenOptions::new().write(true).truncate(true).open(&self.path));
        if let Err(error) = rotated {
            tracing::warn!(%error, "cannot rotate the database server's log");
        }
    }

    /// The last lines, for an error message.
    pub fn tail(&self) -> String {
        let text = std::fs::read(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut lines: Vec<&str> = text.lines().rev().take(TAIL_LINES).collect();
        lines.reverse();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_large_log_is_rotated_while_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let log = LogFile::new(dir.path(), 8);
        let mut writer = log.open().unwrap();
        writer.write_all(b"12345678").unwrap();
        log.rotate_if_large();
        assert_eq!(log.tail(), "12345678");
        writer.write_all(b"9").unwrap();
        log.rotate_if_large();
        assert_eq!(log.tail(), "");
        writer.write_all(b"new").unwrap();
        assert_eq!(log.tail(), "new");
        let older = std::fs::read_to_string(dir.path().join("postgres.log.1")).unwrap();
        assert_eq!(older, "123456789");
    }
}
