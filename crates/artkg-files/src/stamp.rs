use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Size and time of a file: when they are the same, so, in all likelihood, is what
/// it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileStamp {
    /// Bytes.
    size: u64,
    /// When it was last written: since 1970, or before it; nothing where the file
    /// system keeps no times.
    modified: Option<(bool, Duration)>,
}

impl FileStamp {
    /// The stamp of a file as it is now.
    ///
    /// # Errors
    /// An [`Error`] naming `path` when it cannot be examined.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let found = fs::metadata(path).map_err(|source| Error::new("examine", path, source))?;
        let since = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => (true, after),
            Err(before) => (false, before.duration()),
        };
        Ok(Self {
            size: found.len(),
            modified: found.modified().ok().map(since),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_size_or_time_is_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "one").unwrap();
        let stamp = FileStamp::of(&path).unwrap();
        let text = serde_json::to_string(&stamp).unwrap();
        assert_eq!(serde_json::from_str::<FileStamp>(&text).unwrap(), stamp);

        let write_at = |time: SystemTime| {
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
            FileStamp::of(&path).unwrap()
        };
        let second = Duration::from_secs(1);
        let early = write_at(SystemTime::UNIX_EPOCH + second);
        assert_ne!(early, stamp);
        assert_ne!(early, write_at(SystemTime::UNIX_EPOCH - second));
        fs::write(&path, "three").unwrap();
        assert_ne!(write_at(SystemTime::UNIX_EPOCH + second), early);
        assert!(FileStamp::of(&folder.path().join("gone")).is_err());
    }
}
