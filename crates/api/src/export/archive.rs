//! A ZIP archive of signals, one JSON document in each file, written while it is read.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use domain::signal::Signal;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Maximum number of signals. The directory at the end of an archive has each, and is in memory until then.
pub(super) const SIGNALS_MAX: usize = 50_000;

/// The archive cannot be written on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveFull {
    #[error("an archive has at most {SIGNALS_MAX} signals")]
    TooMany,
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
}

pub(super) struct Archive {
    zip: ZipWriter<StreamWriter<Buffer>>,
    written: Buffer,
    options: SimpleFileOptions,
    signals: usize,
}

impl Default for Archive {
    fn default() -> Self {
        let written = Buffer::default();
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        Self {
            zip: ZipWriter::new_stream(written.clone()),
            written,
            // Each signal says when it was made.
            options: deflated.last_modified_time(DateTime::default()),
            signals: 0,
        }
    }
}

impl Archive {
    pub fn add(&mut self, signal: &Signal) -> Result<(), ArchiveFull> {
        if self.signals == SIGNALS_MAX {
            return Err(ArchiveFull::TooMany);
        }
        self.signals += 1;
        self.zip.start_file(format!("{}.json", signal.id), self.options)?;
        serde_json::to_writer(&mut self.zip, signal).expect("a signal is plain JSON types");
        Ok(())
    }

    /// What was written since, if it has at least so many bytes.
    pub fn drain(&self, bytes_min: usize) -> Vec<u8> {
        self.written.drain(bytes_min)
    }

    /// The rest of the archive.
    pub fn end(self) -> Result<Vec<u8>, ArchiveFull> {
        self.zip.finish()?;
        Ok(self.written.drain(0))
    }
}

/// What the archive wrote and was not sent yet.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn drain(&self, bytes_min: usize) -> Vec<u8> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() < bytes_min { Vec::new() } else { mem::take(&mut bytes) }
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
