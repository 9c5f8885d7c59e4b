use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::trial::Trial;

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
        let file = artkg_files::open_locked(&path).map_err(failed)?;
        let mut file = file.ok_or_else(|| Error::Busy(folder.to_path_buf()))?;
        let text = artkg_files::read_whole_lines(&path)?;
        let trials = parse(&path, &text)?;
        let whole = text.len() as u64;
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::Start(whole)).map_err(failed)?;
        Ok((Self { path, file }, trials))
    }

    /// Adds a trial and waits until it has reached the disk.
    pub(crate) fn append(&mut self, trial: &Trial) -> Result<()> {
        let mut line = serde_json::to_string(trial).map_err(|source| Error::Line {
            path: self.path.clone(),
            line: trial.number,
            source,
        })?;
        line.push('\n');
        let written = self.file.write_all(line.as_bytes());
        let written = written.and_then(|()| self.file.sync_data());
        Ok(written.map_err(|source| artkg_files::Error::new("write", &self.path, source))?)
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Trial>> {
    let lines = text.lines().zip(1..);
    lines
        .map(|(line, number)| {
            let trial: Trial = serde_json::from_str(line).map_err(|source| Error::Line {
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
