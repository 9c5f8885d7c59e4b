use std::path::{Path, PathBuf};

/// What can go wrong with texts; every message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
    /// A file was read but what it says cannot be used.
    #[error("{}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the way out.
        message: String,
    },
    /// The texts to learn from hold no word.
    #[error(
        "none of the {texts} texts to learn from has a word of two or more letters; \
         are they the right texts?"
    )]
    NoWords {
        /// The number of texts.
        texts: usize,
    },
    /// The engine refused a tensor or a file.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A model that is not available or not usable; says what to do instead.
    #[error("{0}")]
    Model(String),
    /// An option has a value that makes no sense; says what to do instead.
    #[error("{0}")]
    Usage(String),
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

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(error.into())
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
