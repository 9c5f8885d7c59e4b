use std::path::Path;

use artkg_files::GrowingFile;

use crate::error::{Error, Result};
use crate::trial::Trial;

/// `trials.jsonl`: one line a trial, each on disk before the next trial
/// begins. Locked while it is open, where the system can.
#[derive(Debug)]
pub(crate) struct Journal(GrowingFile);

impl Journal {
    /// Opens or creates the file of the study in `folder` and reads its trials.
    /// A last line without an end is one that was being written when its
    /// process was killed, and dropped.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Trial>)> {
        let path = folder.join("trials.jsonl");
        let mut file = GrowingFile::open(&path).map_err(|error| match error {
            artkg_files::Error::Busy(_) => Error::Busy(folder.to_path_buf()),
            other => other.into(),
        })?;
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let whole = file.whole_lines(|_, line| {
            lines.push(line.to_vec());
            true
        })?;
        let trials = parse(&path, &lines)?;
        file.keep(whole)?;
        Ok((Self(file), trials))
    }

    /// Adds a trial and waits until it has reached the disk.
    pub(crate) fn append(&mut self, trial: &Trial) -> Result<()> {
        let mut line = serde_json::to_vec(trial).map_err(|source| Error::Line {
            path: self.0.path().to_path_buf(),
            line: trial.number,
            source,
        })?;
        line.push(b'\n');
        self.0.append(&line)?;
        Ok(self.0.sync()?)
    }
}

fn parse(path: &Path, lines: &[Vec<u8>]) -> Result<Vec<Trial>> {
    let lines = lines.iter().zip(1..);
    lines
        .map(|(line, number)| {
            let trial: Trial = serde_json::from_slice(line).map_err(|source| Error::Line {
                path: path.to_path_buf(),
                line: number,
                source,
            })?;
            match trial.number == number {
                true => Ok(trial),
                false => Err(Error::Order {
                    path: path.to_path_buf(),
                    line: number,
                    trial: trial.number,
                }),
            }
        })
        .collect()
}
