use std::env;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use hf_hub::api::sync::ApiBuilder;
use hf_hub::{Cache, Repo, RepoType};

use crate::{Error, Result};

/// The usual name of a model's weights in a repository.
const MODEL_FILE: &str = "model.safetensors";
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
            return Err(Error::Unknown(format!(
                "\"hub:{text}\" names no file on the hub; write hub:OWNER/NAME, for example \
                 hub:timm/resnet50.a1_in1k, with @REVISION and :FILE where needed"
            )));
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

/// The Hugging Face hub: a folder of downloaded files, shared with Python's
/// `huggingface_hub`, and the server behind it.
#[derive(Clone, Debug)]
pub struct Hub {
    folder: PathBuf,
    endpoint: String,
    token: Option<String>,
    offline: bool,
    progress: bool,
}

impl Hub {
    /// The hub with its cache in `folder` (the one that holds `models--…`).
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            endpoint: "https://huggingface.co".into(),
            token: None,
            offline: false,
            progress: false,
        }
    }

    /// The hub as the environment describes it: `HF_HOME` (cache, default
    /// `~/.cache/huggingface`), `HF_HUB_OFFLINE`, `HF_ENDPOINT`, `HF_TOKEN`.
    pub fn from_environment() -> Self {
        Self::from_variables(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// [`Hub::from_environment`] with the environment's variables given by
    /// `variable`.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let home = variable("HF_HOME").map(PathBuf::from).unwrap_or_else(|| {
            // Without a home folder the cache lies in the current one.
            let user = env::home_dir().unwrap_or_default();
            user.join(".cache").join("huggingface")
        });
        let folder = home.join("hub");
        let stored_token = || Cache::new(folder.clone()).token();
        let token = variable("HF_TOKEN").or_else(stored_token);
        let mut hub = Self::new(folder);
        hub.token = token;
        hub.offline = variable("HF_HUB_OFFLINE").is_some_and(|value| is_true(&value));
        match variable("HF_ENDPOINT") {
            Some(endpoint) => hub.endpoint(endpoint.trim_end_matches('/')),
            None => hub,
        }
    }

    /// Forbids downloads.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// Uses another server.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Shows a progress bar on stderr while downloading, where that is a terminal.
    #[must_use]
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// The local path of `file`: from the cache, else downloaded into it.
    ///
    /// # Errors
    /// [`Error::Hub`] with the reason and what to do instead.
    pub fn fetch(&self, file: &HubFile) -> Result<PathBuf> {
        let cache = Cache::new(self.folder.clone());
        let repository = Repo::with_revision(
            file.repository.clone(),
            RepoType::Model,
            file.revision.clone(),
        );
        if let Some(path) = cache.repo(repository.clone()).get(&file.file) {
            return Ok(path);
        }
        if self.offline {
            let folder = self.folder.display();
            return Err(self.unavailable(
                file,
                &format!("it is not in {folder} and HF_HUB_OFFLINE forbids downloads"),
            ));
        }
        ApiBuilder::from_cache(cache)
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .with_progress(self.progress)
            .with_retries(2)
            .build()
            .and_then(|api| api.repo(repository).download(&file.file))
            .map_err(|error| self.unavailable(file, &explain(&error.to_string())))
    }

    fn unavailable(&self, file: &HubFile, reason: &str) -> Error {
        let HubFile {
            repository,
            revision,
            file: name,
        } = file;
        let endpoint = &self.endpoint;
        Error::Hub(format!(
            "cannot get {name} of {repository} from the hub ({reason}): download \
             {endpoint}/{repository}/resolve/{revision}/{name} yourself and pass --weights PATH"
        ))
    }
}

/// As `huggingface_hub` reads its switches.
fn is_true(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "1" | "on" | "yes" | "true"
    )
}

/// The client's message, with what the commonest answers mean.
fn explain(message: &str) -> String {
    let meaning = if message.contains("status code 404") {
        "there is no such file or repository: "
    } else if message.contains("status code 401") || message.contains("status code 403") {
        "there is no such repository, or it needs an access token in HF_TOKEN: "
    } else {
        ""
    };
    format!("{meaning}{message}")
}

#[cfg(test)]
mod tests;
