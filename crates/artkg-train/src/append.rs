use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A file that grows during a run, cut back to a known length on resuming.
#[derive(Debug)]
pub(crate) struct AppendFile {
    path: PathBuf,
    file: File,
    length: u64,
}

impl AppendFile {
    /// Opens `path`, keeps its first `keep` bytes and drops the others. The
    /// file is locked while it is open, where the system can.
    pub(crate) fn open(path: &Path, keep: u64) -> Result<Self> {
        let failed = |source| Error::Append {
            path: path.to_path_buf(),
            source,
        };
        let file = artkg_files::open_locked(path).map_err(failed)?;
        let mut file = file.ok_or_else(|| Error::Busy(path.to_path_buf()))?;
        let found = file.metadata().map_err(failed)?.len();
        let length = keep.min(found);
        if length < found {
            file.set_len(length).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(length)).map_err(failed)?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            length,
        })
    }

    /// Hands `bytes` to the operating system: they survive the end of the
    /// process, and with [`AppendFile::sync`] the end of the machine.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(|source| self.failed(source))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Waits until everything has reached the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|source| self.failed(source))
    }

    /// The length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Append {
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_and_drops_the_tail() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut file = AppendFile::open(&path, 0).unwrap();
        file.append(b"one\n").unwrap();
        let keep = file.length();
        file.append(b"tw").unwrap();
        drop(file);
        let mut file = AppendFile::open(&path, keep).unwrap();
        file.append(b"two\n").unwrap();
        file.sync().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn two_writers_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let _first = AppendFile::open(&path, 0).unwrap();
        let error = AppendFile::open(&path, 0).unwrap_err();
        assert!(matches!(error, Error::Busy(_)), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let mut file = AppendFile::open(Path::new("/dev/full"), 0).unwrap();
        let message = file.append(b"x").unwrap_err().to_string();
        assert!(
            message.contains("/dev/full") && message.contains("space"),
            "{message}"
        );
    }
}
