use std::io;
use std::path::{Path, PathBuf};

/// A file operation that failed: what was done, to which path, and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}{}{advice}", path.display(), if advice.is_empty() { "" } else { "; " })]
pub struct Error {
    /// The action in the infinitive: `read`, `write`, `open`, `create folder`.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
    /// What to do about it, in words; often nothing that is not obvious.
    pub advice: &'static str,
}

impl Error {
    /// An error of `action` on `path`.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_path_buf(),
            source,
            advice: "",
        }
    }

    /// The same error, which says what to do where it is that there is no such file.
    #[must_use]
    pub fn advise_if_missing(mut self, advice: &'static str) -> Self {
        if self.source.kind() == io::ErrorKind::NotFound {
            self.advice = advice;
        }
        self
    }
}

/// The result of a file operation.
pub type Result<T> = std::result::Result<T, Error>;
