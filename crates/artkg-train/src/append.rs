use std::path::Path;

use artkg_files::GrowingFile;

use crate::error::{Error, Result};

/// A file that grows during a run, cut back to a known length on resuming.
#[derive(Debug)]
pub(crate) struct AppendFile(GrowingFile);

impl AppendFile {
    /// Opens `path`, keeps its first `keep` bytes and drops the others. The
    /// file is locked while it is open, where the system can.
    pub(crate) fn open(path: &Path, keep: u64) -> Result<Self> {
        let mut file = GrowingFile::open(path).map_err(failed)?;
        file.keep(keep).map_err(failed)?;
        Ok(Self(file))
    }

    /// Hands `bytes` to the operating system: they survive the end of the
    /// process, and with [`AppendFile::sync`] the end of the machine.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let appended = self.0.append(bytes).and_then(|()| self.0.flush());
        appended.map_err(failed)
    }

    /// Waits until everything has reached the disk.
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.0.sync().map_err(failed)
    }

    /// The length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.0.length()
    }
}

/// The error of a file of a run, which a run can be resumed after.
fn failed(error: artkg_files::Error) -> Error {
    match error {
        artkg_files::Error::Busy(path) => Error::Busy(path),
        artkg_files::Error::Io { path, source, .. } => Error::Append { path, source },
        other => other.into(),
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
