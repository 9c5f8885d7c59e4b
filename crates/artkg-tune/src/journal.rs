use std::fs::{File, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Error, Result, Trial};

/// `trials.jsonl`: one line a trial, each on disk before the next trial
/// begins. Locked while it is open, where the system can.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens or creates the file of the study in `folder` and reads its trials.
    /// A last line without an end is one that was being written when its
    /// process was killed, and dropped.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Trial>)> {
        let path = folder.join("trials.jsonl");
        let failed = |source| artkg_files::Error::new("write", &path, source);
        let mut file = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        if is_locked_elsewhere(&file) {
            return Err(Error::Busy(folder.to_path_buf()));
        }
        let text = artkg_files::read_text(&path)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let trials = parse(&path, &text[..whole])?;
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::Start(whole as u64)).map_err(failed)?;
        Ok((Self { path, file }, trials))
    }

    /// Adds a trial and waits until it has reached the disk.
    pub(crate) fn append(&mut self, trial: &Trial) -> Result<()> {
        let mut line = serde_json::to_string(trial).map_err(|error| Error::Record {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        line.push('\n');
        let written = self.file.write_all(line.as_bytes());
        let written = written.and_then(|()| self.file.sync_data());
        Ok(written.map_err(|source| artkg_files::Error::new("write", &self.path, source))?)
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Trial>> {
    let refuse = |line: usize, reason: String| Error::Record {
        path: path.to_path_buf(),
        reason: format!("line {line}: {reason}"),
    };
    let lines = text.lines().zip(1..);
    lines
        .map(|(line, number)| {
            let trial: Trial =
                serde_json::from_str(line).map_err(|error| refuse(number, error.to_string()))?;
            match trial.number == number {
                true => Ok(trial),
                false => Err(refuse(number, format!("holds trial {}", trial.number))),
            }
        })
        .collect()
}

/// Locks `file`. True where somebody else keeps it locked: a process that was
/// just killed may hold it for another moment.
fn is_locked_elsewhere(file: &File) -> bool {
    for _ in 0..20 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            // Some network file systems have no locks; that is no reason to fail.
            Ok(()) | Err(TryLockError::Error(_)) => return false,
        }
    }
    true
}
