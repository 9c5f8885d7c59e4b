/// What can go wrong when a model is compared with the truth.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The corpus.
    #[error(transparent)]
    Corpus(#[from] artkg_corpus::Error),
    /// The model.
    #[error(transparent)]
    Model(#[from] artkg_model::Error),
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
    /// A wrong option or combination of options; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
