use std::env;
use std::path::PathBuf;

use hf_hub::{Cache, Repo, RepoType};

#[cfg(feature = "hub")]
use crate::error::ClientError;
use crate::error::{Error, Reason, Result, Unavailable};
use crate::hub_file::HubFile;

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
    /// [`Error::Unavailable`] with the reason and where to get the file.
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
            let cache = self.folder.clone();
            return Err(self.unavailable(file, Reason::Offline { cache }));
        }
        self.download(cache, repository, &file.file)
            .map_err(|reason| self.unavailable(file, reason))
    }

    #[cfg(feature = "hub")]
    fn download(
        &self,
        cache: Cache,
        repository: Repo,
        file: &str,
    ) -> std::result::Result<PathBuf, Reason> {
        hf_hub::api::sync::ApiBuilder::from_cache(cache)
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .with_progress(self.progress)
            .with_retries(2)
            .build()
            .and_then(|api| api.repo(repository).download(file))
            .map_err(|error| reason(error.into()))
    }

    #[cfg(not(feature = "hub"))]
    fn download(
        &self,
        _cache: Cache,
        _repository: Repo,
        _file: &str,
    ) -> std::result::Result<PathBuf, Reason> {
        let cache = self.folder.clone();
        Err(Reason::WithoutNetwork { cache })
    }

    /// As [`Hub::fetch`], for a file that the repository may lack: `None` where the
    /// server says so, and where nothing may be downloaded.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be known.
    pub fn fetch_optional(&self, file: &HubFile) -> Result<Option<PathBuf>> {
        match self.fetch(file) {
            Ok(path) => Ok(Some(path)),
            Err(Error::Unavailable(unavailable)) if unavailable.reason.means_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn unavailable(&self, file: &HubFile, reason: Reason) -> Error {
        let HubFile {
            repository,
            revision,
            file: name,
        } = file;
        Error::Unavailable(Box::new(Unavailable {
            repository: repository.clone(),
            file: name.clone(),
            reason,
            address: format!("{}/{repository}/resolve/{revision}/{name}", self.endpoint),
        }))
    }
}

/// As `huggingface_hub` reads its switches.
fn is_true(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "1" | "on" | "yes" | "true"
    )
}

/// What the commonest answers mean; of their status the client tells only in words.
#[cfg(feature = "hub")]
fn reason(error: ClientError) -> Reason {
    let message = error.to_string();
    let is = |code: &str| message.contains(&format!("status code {code}"));
    if is("404") {
        Reason::Missing(error)
    } else if is("401") || is("403") {
        Reason::Forbidden(error)
    } else {
        Reason::Failed(error)
    }
}

#[cfg(test)]
mod tests;
