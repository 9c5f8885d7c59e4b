use std::io;
use std::path::{Path, PathBuf};

use crate::difference::{Difference, Listed};

/// What can go wrong with files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file operation that failed: what was done, to which path, and why.
    #[error("cannot {action} {}: {source}{}{advice}", path.display(), if advice.is_empty() { "" } else { "; " })]
    Io {
        /// The action in the infinitive: `read`, `write`, `open`, `create folder`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
        /// What to do about it, in words; often nothing that is not obvious.
        advice: &'static str,
    },
    /// Something to be read that is no file.
    #[error("{} is a folder, a pipe or a device; name a file", .0.display())]
    NotRegular(PathBuf),
    /// An output that is there already and was not to be replaced.
    #[error("{} exists; choose another output", .0.display())]
    Exists(PathBuf),
    /// An output that would replace one of the files that it is made from.
    #[error("{} is also what is read; choose another output", .0.display())]
    IsInput(PathBuf),
    /// An output that is there already and holds something else than would be written.
    #[error("{} is there and holds something else; choose another output", .0.display())]
    NotOurs(PathBuf),
    /// A file that another process is writing.
    #[error(
        "another run is writing {}; wait for that one or choose another output", .0.display()
    )]
    Busy(PathBuf),
    /// A file in a journal's place that is none, or one of another version.
    #[error(
        "{} was not begun by this version of the program; \
         remove it, after which the job begins anew, or choose another output", .0.display()
    )]
    NoJournal(PathBuf),
    /// A journal that another job began.
    #[error(
        "{} was begun by another job ({}); finish it with the command that began it, remove it, \
         or choose another output",
        path.display(), Listed(differences)
    )]
    OtherJob {
        /// The journal.
        path: PathBuf,
        /// What is not the same.
        differences: Vec<Difference>,
    },
}

impl Error {
    /// An error of `action` on `path`.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
            advice: "",
        }
    }

    /// The same error, which says what to do where it is that there is no such file.
    #[must_use]
    pub fn advise_if_missing(mut self, what_to_do: &'static str) -> Self {
        if let Self::Io { source, advice, .. } = &mut self
            && source.kind() == io::ErrorKind::NotFound
        {
            *advice = what_to_do;
        }
        self
    }
}

/// The result of a file operation.
pub type Result<T> = std::result::Result<T, Error>;
