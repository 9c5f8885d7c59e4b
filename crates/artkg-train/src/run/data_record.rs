use std::collections::BTreeMap;
use std::path::Path;

use artkg_files::fingerprint::{Fingerprint, are_comparable};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::run_folder::RunFolder;

/// The file in a run folder that knows the run's data again.
const DATA_FILE: &str = "data.json";
/// The form of the file that this version writes.
const FORMAT: u32 = 2;

/// Fingerprints of what a run learns from, by name: a resumed run that found other
/// classes or examples would go on without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataRecord(BTreeMap<String, String>);

/// What a record says about that of an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// There was none.
    New,
    /// They say the same.
    Equal,
    /// That one is of another version, and says nothing.
    Impossible,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct File {
    format: u32,
    parts: BTreeMap<String, String>,
}

impl DataRecord {
    /// Adds a part. The name is one that can be the subject of a sentence, such as
    /// `the training works`.
    pub fn add(&mut self, name: impl Into<String>, fingerprint: &Fingerprint) {
        self.0.insert(name.into(), fingerprint.finish());
    }

    /// Writes the record of a new run; compares that of a resumed one.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be read or written,
    /// [`Error::DataChanged`] when the run was started with other data, and
    /// [`Error::DataRecord`] or [`Error::DataFormat`] for a file that is damaged or of a
    /// later version.
    pub(super) fn settle(&self, folder: &RunFolder) -> Result<Comparison> {
        let path = folder.path().join(DATA_FILE);
        if !folder.is_resumed() || !path.exists() {
            self.write(&path)?;
            return Ok(Comparison::New);
        }
        let Some(stored) = read(&path)? else {
            self.write(&path)?;
            return Ok(Comparison::Impossible);
        };
        let mut names: Vec<&String> = self.0.keys().chain(stored.keys()).collect();
        names.sort();
        names.dedup();
        let mut comparison = Comparison::Equal;
        let mut changed = Vec::new();
        for name in names {
            match (self.0.get(name), stored.get(name)) {
                (Some(now), Some(then)) if now == then => {}
                (Some(now), Some(then)) if !are_comparable(now, then) => {
                    comparison = Comparison::Impossible;
                }
                _ => changed.push(name.clone()),
            }
        }
        if !changed.is_empty() {
            return Err(Error::DataChanged {
                folder: folder.path().to_path_buf(),
                parts: changed,
            });
        }
        if comparison == Comparison::Impossible {
            self.write(&path)?;
        }
        Ok(comparison)
    }

    fn write(&self, path: &Path) -> Result<()> {
        let file = File {
            format: FORMAT,
            parts: self.0.clone(),
        };
        let json = serde_json::to_vec_pretty(&file).map_err(|source| damaged(path, source))?;
        Ok(artkg_files::write_bytes(path, &json)?)
    }
}

/// The parts of a file; `None` for one whose fingerprints this version cannot make:
/// format 1 was a list of names and of hashes of text made for the purpose.
fn read(path: &Path) -> Result<Option<BTreeMap<String, String>>> {
    let text = artkg_files::read_text(path)?;
    let stored: Value = serde_json::from_str(&text).map_err(|source| damaged(path, source))?;
    if stored.is_array() {
        return Ok(None);
    }
    let file: File = serde_json::from_value(stored).map_err(|source| damaged(path, source))?;
    match file.format {
        FORMAT => Ok(Some(file.parts)),
        format => Err(Error::DataFormat {
            path: path.to_path_buf(),
            format,
            known: FORMAT,
        }),
    }
}

fn damaged(path: &Path, source: serde_json::Error) -> Error {
    Error::DataRecord {
        path: path.to_path_buf(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrainingConfig;

    fn record(works: &[&str], version: u32) -> DataRecord {
        let mut record = DataRecord::default();
        let mut fingerprint = Fingerprint::new("works", version);
        fingerprint.list(works, |fingerprint, work| {
            fingerprint.text(work);
        });
        record.add("the works", &fingerprint);
        record.add("the rest", Fingerprint::new("rest", 1).integer(1));
        record
    }

    /// A run that was begun with a record, resumed.
    fn resumed(folder: &Path) -> RunFolder {
        let config = TrainingConfig::default();
        drop(RunFolder::create(folder, &config).unwrap());
        RunFolder::resume(folder, &config, &[]).unwrap()
    }

    #[test]
    fn other_data_end_a_resumed_run() {
        let folder = tempfile::tempdir().unwrap();
        let config = TrainingConfig::default();
        let run = RunFolder::create(folder.path(), &config).unwrap();
        let settled = record(&["a", "b"], 1).settle(&run).unwrap();
        assert_eq!(settled, Comparison::New);
        drop(run);
        let run = resumed(folder.path());
        let settled = record(&["a", "b"], 1).settle(&run).unwrap();
        assert_eq!(settled, Comparison::Equal);
        let error = record(&["a", "c"], 1).settle(&run).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("the works changed"), "{message}");
        let mut without = record(&["a", "b"], 1);
        without.0.remove("the rest");
        let message = without.settle(&run).unwrap_err().to_string();
        assert!(message.contains("the rest changed"), "{message}");
    }

    #[test]
    fn records_of_other_versions_are_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let run = resumed(folder.path());
        let path = folder.path().join(DATA_FILE);
        let first = "[[\"the works\", \"00ff\"], [\"the rest\", \"ff00\"]]";
        std::fs::write(&path, first).unwrap();
        let works = record(&["a"], 1);
        assert_eq!(works.settle(&run).unwrap(), Comparison::Impossible);
        assert_eq!(works.settle(&run).unwrap(), Comparison::Equal);
        // Fields that say more: the other parts are compared all the same.
        let mut newer = record(&["b"], 2);
        assert_eq!(newer.settle(&run).unwrap(), Comparison::Impossible);
        assert_eq!(newer.settle(&run).unwrap(), Comparison::Equal);
        newer.add("the rest", Fingerprint::new("rest", 1).integer(2));
        assert!(newer.settle(&run).is_err());
        for text in ["{\"format\": 3, \"parts\": {}}", "{", "7"] {
            std::fs::write(&path, text).unwrap();
            let error = works.settle(&run).unwrap_err();
            let is_unusable = matches!(error, Error::DataRecord { .. } | Error::DataFormat { .. });
            assert!(is_unusable, "{error}");
        }
    }
}
