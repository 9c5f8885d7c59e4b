use std::path::Path;

use artkg_image::content_hash;
use artkg_train::RunFolder;
use artkg_vocabulary::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The file in a run folder that knows the run's data again.
const DATA_FILE: &str = "data.json";
/// Digits of a hash that are kept.
const DIGITS: usize = 32;

/// Fingerprints of what a run learns from: a resumed run that found other classes
/// or artworks would go on without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunData(Vec<(String, String)>);

impl RunData {
    /// The classes of each task.
    pub fn classes(&mut self, vocabularies: &[Vocabulary]) {
        for vocabulary in vocabularies {
            let name = format!("the classes of {}", vocabulary.attribute);
            self.items(&name, vocabulary.classes.iter());
        }
    }

    /// A list of things that say all that is learned of them.
    pub fn items(&mut self, name: &str, items: impl Iterator<Item = impl std::fmt::Debug>) {
        let text: String = items.map(|item| format!("{item:?}\n")).collect();
        self.add(name, text.as_bytes());
    }

    /// The content of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn file(&mut self, name: &str, path: &Path) -> Result<()> {
        self.add(name, &artkg_files::read_bytes(path)?);
        Ok(())
    }

    fn add(&mut self, name: &str, content: &[u8]) {
        let hash = content_hash(content).to_string();
        self.0.push((name.to_owned(), hash[..DIGITS].to_owned()));
    }

    /// Writes the fingerprints of a new run; compares those of a resumed one.
    ///
    /// # Errors
    /// When the file cannot be read or written, or the run was started with other
    /// data, saying which.
    pub fn settle(&self, folder: &RunFolder) -> Result<()> {
        let path = folder.path().join(DATA_FILE);
        let failed = |error: serde_json::Error| {
            Error::Usage(format!(
                "{}: {error}; start a new run in another folder",
                path.display()
            ))
        };
        if !folder.is_resumed() || !path.exists() {
            let json = serde_json::to_vec_pretty(self).map_err(failed)?;
            return Ok(artkg_files::write_bytes(&path, &json)?);
        }
        let stored: Self = serde_json::from_str(&artkg_files::read_text(&path)?).map_err(failed)?;
        let changed = self.0.iter().filter(|part| !stored.0.contains(part));
        let changed: Vec<&str> = changed.map(|(name, _)| name.as_str()).collect();
        match changed.as_slice() {
            [] => Ok(()),
            parts => Err(Error::Usage(format!(
                "cannot resume {}: {} changed since it was started; start a new run in another \
                 folder",
                folder.path().display(),
                parts.join(" and ")
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_data_end_a_resumed_run() {
        let folder = tempfile::tempdir().unwrap();
        let data = |works: &[&str]| {
            let mut data = RunData::default();
            data.items("the works", works.iter());
            data.items("the rest", [1].iter());
            data
        };
        let config = artkg_train::TrainingConfig::default();
        let run = RunFolder::create(folder.path(), &config).unwrap();
        data(&["a", "b"]).settle(&run).unwrap();
        drop(run);
        let run = RunFolder::resume(folder.path(), &config, &[]).unwrap();
        data(&["a", "b"]).settle(&run).unwrap();
        let error = data(&["a", "c"]).settle(&run).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("the works changed"), "{message}");
    }
}
