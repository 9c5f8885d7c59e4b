use std::path::PathBuf;

/// What can go wrong when a corpus is painted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The corpus could not be saved or read back.
    #[error(transparent)]
    Corpus(#[from] artkg_corpus::Error),
    /// An option outside its range.
    #[error("{0}")]
    Option(String),
    /// The world to paint does not hold together.
    #[error("corpus/demo.toml: {0}")]
    World(String),
    /// A painting could not be encoded or read back.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The painting's file.
        path: PathBuf,
        /// What the encoder or decoder said.
        source: artkg_image::Error,
    },
}

/// The result of painting.
pub type Result<T> = std::result::Result<T, Error>;
