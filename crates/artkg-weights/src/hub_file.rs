use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The usual name of a model's weights in a repository or folder.
pub(crate) const MODEL_FILE: &str = "model.safetensors";
/// The usual revision.
const MAIN: &str = "main";

/// A file in a model repository of the Hugging Face hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubFile {
    /// The repository, `owner/name`.
    pub repository: String,
    /// Branch, tag or commit.
    pub revision: String,
    /// Path inside the repository.
    pub file: String,
}

impl HubFile {
    /// `model.safetensors` on the main branch of `repository`.
    pub fn model(repository: String) -> Self {
        Self {
            repository,
            revision: MAIN.into(),
            file: MODEL_FILE.into(),
        }
    }

    /// Another file of the same repository and revision.
    #[must_use]
    pub fn beside(&self, file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..self.clone()
        }
    }
}

impl FromStr for HubFile {
    type Err = Error;

    /// Reads `owner/name`, `owner/name@revision`, `owner/name:file` and
    /// `owner/name@revision:file`.
    fn from_str(text: &str) -> Result<Self> {
        let (place, file) = text.split_once(':').unwrap_or((text, MODEL_FILE));
        let (repository, revision) = place.split_once('@').unwrap_or((place, MAIN));
        let is_name = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let named = repository
            .split_once('/')
            .is_some_and(|(owner, name)| is_name(owner) && is_name(name));
        if !named || revision.is_empty() || file.is_empty() || file.split('/').any(|p| p == "..") {
            return Err(Error::HubName(text.to_owned()));
        }
        Ok(Self {
            repository: repository.into(),
            revision: revision.into(),
            file: file.into(),
        })
    }
}

impl fmt::Display for HubFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.repository)?;
        if self.revision != MAIN {
            write!(formatter, "@{}", self.revision)?;
        }
        if self.file != MODEL_FILE {
            write!(formatter, ":{}", self.file)?;
        }
        Ok(())
    }
}
