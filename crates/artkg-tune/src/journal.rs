use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

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
        if !artkg_files::lock(&file) {
            return Err(Error::Busy(folder.to_path_buf()));
        }
        // Bytes, as a full disk may have cut a character in two.
        let bytes = artkg_files::read_bytes(&path)?;
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = end.map_or(0, |end| end + 1);
        let text = String::from_utf8_lossy(&bytes[..whole]);
        let trials = parse(&path, &text)?;
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
