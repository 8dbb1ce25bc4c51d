//! The server's log, bounded: past its size it is moved to `postgres.log.1`, which is replaced.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// How much of the end is shown when the server does not start.
const TAIL_LINES: usize = 6;

/// The log of one embedded server.
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

    /// A handle for the server to write to. It appends, so that the file can be cut while it is open.
    pub fn open(&self) -> Result<File> {
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path);
        opened.with_context(|| format!("{} cannot be written", self.path.display()))
    }

    /// Copies and cuts the log once it is too large. The server goes on with the same file, also
    /// after we were killed; a line written in between may be lost.
    pub fn bound(&self) {
        let is_large =
            std::fs::metadata(&self.path).is_ok_and(|facts| facts.len() > self.max_bytes);
        if !is_large {
            return;
        }
        let mut older = self.path.clone().into_os_string();
        older.push(".1");
        let cut = std::fs::copy(&self.path, older)
            .and_then(|_| OpenOptions::new().write(true).truncate(true).open(&self.path));
        if let Err(error) = cut {
            tracing::warn!(%error, "the database server's log cannot be cut");
        }
    }

    /// The last lines, for a message.
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
    fn a_log_past_its_size_is_moved_and_the_writer_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let log = LogFile::new(dir.path(), 8);
        let mut writer = log.open().unwrap();
        writer.write_all(b"12345678").unwrap();
        log.bound();
        assert_eq!(log.tail(), "12345678");
        writer.write_all(b"9").unwrap();
        log.bound();
        assert_eq!(log.tail(), "");
        writer.write_all(b"new").unwrap();
        assert_eq!(log.tail(), "new");
        let older = std::fs::read_to_string(dir.path().join("postgres.log.1")).unwrap();
        assert_eq!(older, "123456789");
    }
}
