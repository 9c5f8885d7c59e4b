use std::path::{Path, PathBuf};

use crate::problem::Problem;

/// What can go wrong with a corpus; every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A table is not valid CSV.
    #[error("{}: {source}", path.display())]
    Csv {
        /// The table.
        path: PathBuf,
        /// What the reader or writer said.
        source: csv::Error,
    },
    /// A TOML file does not have the expected shape.
    #[error("{}: {source}", path.display())]
    Toml {
        /// The TOML file.
        path: PathBuf,
        /// What the parser said, with the line.
        source: toml::de::Error,
    },
    /// A cell or row of a corpus cannot be used.
    #[error("{0}; `artkg corpus check` lists every problem")]
    Record(Box<Problem>),
    /// A file was read but what it says cannot be used.
    #[error("{}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the way out.
        message: String,
    },
    /// An option has a value that makes no sense.
    #[error("{0}")]
    Option(String),
    /// A chart could not be drawn.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
}

impl Error {
    /// A file whose content cannot be used.
    pub(crate) fn invalid(path: &Path, message: impl Into<String>) -> Self {
        Self::Invalid {
            path: path.to_path_buf(),
            message: message.into(),
        }
    }

    /// Wraps an error of the CSV reader or writer with the table's path.
    pub(crate) fn csv(path: &Path) -> impl Fn(csv::Error) -> Self {
        move |source| Self::Csv {
            path: path.to_path_buf(),
            source,
        }
    }
}

/// The result of an operation on a corpus.
pub type Result<T> = std::result::Result<T, Error>;
