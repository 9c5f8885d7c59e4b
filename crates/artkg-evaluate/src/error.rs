/// What can go wrong when a model is compared with the truth.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model over the corpus.
    #[error(transparent)]
    Inference(#[from] artkg_infer::Error),
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
