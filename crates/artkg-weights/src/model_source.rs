use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::hub::Hub;
use crate::hub_file::{HubFile, MODEL_FILE};
use crate::weight_file::WeightFile;

/// A model's weights.
const WEIGHTS: &str = MODEL_FILE;
/// What the model is.
pub const CONFIG: &str = "config.json";
/// How texts become its tokens.
pub const TOKENIZER: &str = "tokenizer.json";

/// Where a model of several files comes from; what users write of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// A folder with `model.safetensors`, `config.json` and `tokenizer.json`.
    Folder(PathBuf),
    /// `hub:owner/name`, `hub:owner/name@revision`, `hub:owner/name:file`: a
    /// repository with these files.
    Hub(HubFile),
}

impl ModelSource {
    /// The source without its place on this machine: the folder's own name, or
    /// the repository.
    pub fn label(&self) -> String {
        match self {
            Self::Folder(folder) => {
                // `.` and `..` have no name of their own.
                let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
                folder
                    .file_name()
                    .unwrap_or(folder.as_os_str())
                    .to_string_lossy()
                    .into_owned()
            }
            Self::Hub(_) => self.to_string(),
        }
    }

    /// The path of one of the model's files.
    ///
    /// # Errors
    /// [`Error::NoSuchFile`] or [`Error::ModelUnavailable`] when it cannot be had.
    pub fn file(&self, name: &str, hub: &Hub) -> Result<PathBuf> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                if path.is_file() {
                    return Ok(path);
                }
                Err(Error::NoSuchFile {
                    folder: folder.clone(),
                    file: name.to_owned(),
                })
            }
            Self::Hub(file) => {
                let wanted = match name {
                    WEIGHTS => file.clone(),
                    _ => file.beside(name),
                };
                hub.fetch(&wanted).map_err(|error| match error {
                    Error::Unavailable(unavailable) => Error::ModelUnavailable(unavailable),
                    other => other,
                })
            }
        }
    }

    /// The path of a file that not every model has.
    ///
    /// # Errors
    /// When it cannot be known whether there is one: without its settings a model
    /// would give other values.
    pub fn optional_file(&self, name: &str, hub: &Hub) -> Result<Option<PathBuf>> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                Ok(path.is_file().then_some(path))
            }
            Self::Hub(file) => hub.fetch_optional(&file.beside(name)),
        }
    }

    /// The model's weights.
    ///
    /// # Errors
    /// As [`ModelSource::file`], and when they cannot be read.
    pub fn weights(&self, hub: &Hub) -> Result<WeightFile> {
        WeightFile::open(&self.file(WEIGHTS, hub)?)
    }
}

/// Reads one of a model's JSON files.
///
/// # Errors
/// When it cannot be read, or says something else than is expected of it.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&artkg_files::read_bytes(path)?).map_err(|source| Error::Json {
        path: path.to_path_buf(),
        source,
    })
}

impl FromStr for ModelSource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().strip_prefix("hub:") {
            Some(file) => Ok(Self::Hub(file.parse()?)),
            None if text.trim().is_empty() => Err(Error::NoModelNamed),
            None => Ok(Self::Folder(PathBuf::from(text.trim()))),
        }
    }
}

impl fmt::Display for ModelSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(formatter, "{}", folder.display()),
            Self::Hub(file) => write!(formatter, "hub:{file}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_written_and_named() {
        for (text, label) in [
            ("models/minilm", "minilm"),
            ("hub:owner/name@v2", "hub:owner/name@v2"),
        ] {
            let source: ModelSource = text.parse().unwrap();
            assert_eq!(source.to_string(), text);
            assert_eq!(source.label(), label);
        }
        assert!(" ".parse::<ModelSource>().is_err());
        let message = "hub:minilm".parse::<ModelSource>().unwrap_err().to_string();
        assert!(message.contains("OWNER/NAME"), "{message}");
    }

    #[test]
    fn what_cannot_be_had_is_said_in_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let hub = Hub::new(folder.path().to_path_buf()).offline(true);
        let source: ModelSource = "hub:owner/name".parse().unwrap();
        let message = source.file(CONFIG, &hub).unwrap_err().to_string();
        for part in [
            "config.json of owner/name",
            "HF_HUB_OFFLINE",
            "pass the folder",
        ] {
            assert!(message.contains(part), "{part} is not in: {message}");
        }
        let source = ModelSource::Folder(folder.path().to_path_buf());
        let message = source.weights(&hub).err().unwrap().to_string();
        assert!(
            message.contains("there is no model.safetensors"),
            "{message}"
        );
    }
}
