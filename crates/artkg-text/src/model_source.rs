use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use artkg_hub::{Hub, HubFile};
use artkg_nn::{DType, Device, Tensor, load_tensors};
use candle_nn::VarBuilder;
use serde::de::DeserializeOwned;
use tokenizers::Tokenizer;

use crate::{Error, Result};

const WEIGHTS: &str = "model.safetensors";
pub(crate) const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";

/// Where a text model comes from; what users write after `--encoder` and `--weights`.
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
    pub(crate) fn file(&self, name: &str, hub: &Hub) -> Result<PathBuf> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                if path.is_file() {
                    return Ok(path);
                }
                Err(Error::Model(format!(
                    "{}: there is no {name}; a model's folder has {WEIGHTS}, {CONFIG} and \
                     {TOKENIZER}, as its repository on the hub",
                    folder.display()
                )))
            }
            Self::Hub(file) => {
                let wanted = match name {
                    WEIGHTS => file.clone(),
                    _ => file.beside(name),
                };
                hub.fetch(&wanted).map_err(|error| {
                    Error::Model(format!(
                        "{error}, with {WEIGHTS}, {CONFIG} and {TOKENIZER} in one folder, and pass \
                         the folder"
                    ))
                })
            }
        }
    }

    /// The path of a file that not every model has.
    ///
    /// # Errors
    /// When it cannot be known whether there is one: without its settings a model
    /// would give other vectors.
    pub(crate) fn optional_file(&self, name: &str, hub: &Hub) -> Result<Option<PathBuf>> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                Ok(path.is_file().then_some(path))
            }
            Self::Hub(file) => hub
                .fetch_optional(&file.beside(name))
                .map_err(|error| Error::Model(error.to_string())),
        }
    }

    /// The model's weights, as `f32`, and their file.
    pub(crate) fn weights(&self, hub: &Hub) -> Result<Weights> {
        let path = self.file(WEIGHTS, hub)?;
        let (tensors, _) = load_tensors(&path)?;
        Ok(Weights { path, tensors })
    }

    /// The model's tokenizer, without padding and truncation of its own.
    pub(crate) fn tokenizer(&self, hub: &Hub) -> Result<Tokenizer> {
        let path = self.file(TOKENIZER, hub)?;
        let refused =
            |error| Error::invalid(&path, format!("not a tokenizer that can be read: {error}"));
        let bytes = artkg_files::read_bytes(&path)?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(refused)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(refused)?;
        Ok(tokenizer)
    }
}

/// The tensors of a weight file.
pub(crate) struct Weights {
    path: PathBuf,
    pub(crate) tensors: HashMap<String, Tensor>,
}

impl Weights {
    /// Builds a model from the weights.
    pub(crate) fn build<M>(
        self,
        build: impl FnOnce(VarBuilder<'static>) -> candle_core::Result<M>,
    ) -> Result<M> {
        let parameters = VarBuilder::from_tensors(self.tensors, DType::F32, &Device::Cpu);
        build(parameters).map_err(|error| {
            Error::invalid(
                &self.path,
                format!("not the weights that {CONFIG} describes: {error}"),
            )
        })
    }
}

/// Reads one of the model's JSON files.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&artkg_files::read_bytes(path)?)
        .map_err(|error| Error::invalid(path, error.to_string()))
}

impl FromStr for ModelSource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().strip_prefix("hub:") {
            Some(file) => match file.parse() {
                Ok(file) => Ok(Self::Hub(file)),
                Err(error) => Err(Error::Usage(error.to_string())),
            },
            None if text.trim().is_empty() => Err(Error::Usage(
                "the model is an empty text; write a folder or hub:OWNER/NAME".into(),
            )),
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
