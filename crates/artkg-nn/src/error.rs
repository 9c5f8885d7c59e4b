use std::path::PathBuf;

/// Everything that can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor operation failed: shapes, data types or devices do not fit.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A file is not valid safetensors.
    #[error("{}: not a readable safetensors file: {reason}", path.display())]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Named tensors do not fit the model.
    #[error("{0}")]
    Mismatch(String),
    /// A gradient holds infinite values or values that are not numbers.
    #[error(
        "the gradient of {parameter} is not finite ({count} of {total} values); \
         lower the learning rate or clip the gradients"
    )]
    NotFinite {
        /// The parameter.
        parameter: String,
        /// How many values are not finite.
        count: usize,
        /// How many values there are.
        total: usize,
    },
    /// An argument is outside of what the operation takes.
    #[error("{0}")]
    Argument(String),
}

impl Error {
    /// The same error, which says what to do where it is that there is no such file.
    #[must_use]
    pub fn advise_if_missing(self, advice: &'static str) -> Self {
        match self {
            Self::File(error) => Self::File(error.advise_if_missing(advice)),
            other => other,
        }
    }
}

/// The engine's result type.
pub type Result<T> = std::result::Result<T, Error>;
