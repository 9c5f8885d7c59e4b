use std::path::PathBuf;

/// Everything that can go wrong with backbones and their weights.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine refused a tensor, a file or a parameter.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A backbone's name, variant or stage that artkg does not have.
    #[error("{0}")]
    Unknown(String),
    /// A weight file that does not fit the backbone.
    #[error("{}: {reason}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What does not fit, and the way out.
        reason: String,
    },
    /// Weights that the hub did not provide.
    #[error("{0}")]
    Hub(String),
    /// An input whose shape does not fit the backbone.
    #[error("{0}")]
    Input(String),
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(error.into())
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
