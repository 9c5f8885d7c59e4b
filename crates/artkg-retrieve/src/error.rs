/// What can go wrong when texts and images are searched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A training run.
    #[error(transparent)]
    Art(Box<artkg_art::Error>),
    /// The corpus.
    #[error(transparent)]
    Corpus(#[from] artkg_corpus::Error),
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The model over a corpus.
    #[error(transparent)]
    Inference(#[from] artkg_infer::Error),
    /// The model.
    #[error(transparent)]
    Model(#[from] artkg_model::Error),
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// Captions and other texts.
    #[error(transparent)]
    Text(#[from] artkg_text::Error),
    /// The training loop.
    #[error(transparent)]
    Training(#[from] artkg_train::Error),
    /// A file of a retrieval model that cannot be used; says which and why.
    #[error("{0}")]
    Damaged(String),
    /// A wrong option or combination of options; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

impl From<artkg_art::Error> for Error {
    /// Boxed, as it holds the errors of all floors below.
    fn from(error: artkg_art::Error) -> Self {
        Self::Art(Box::new(error))
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
