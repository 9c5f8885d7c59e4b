/// What can go wrong when models of art are trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Captions of a corpus.
    #[error(transparent)]
    Captions(#[from] artkg_captions::Error),
    /// The corpus.
    #[error(transparent)]
    Corpus(#[from] artkg_corpus::Error),
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The graph or its embeddings.
    #[error(transparent)]
    Graph(#[from] artkg_graph::Error),
    /// An image.
    #[error(transparent)]
    Image(#[from] artkg_image::Error),
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
    /// The search for good settings.
    #[error(transparent)]
    Tuning(#[from] artkg_tune::Error),
    /// The backbone or its weights.
    #[error(transparent)]
    Vision(#[from] artkg_vision::Error),
    /// Weights of networks, or where they come from.
    #[error(transparent)]
    Weights(#[from] artkg_weights::Error),
    /// A wrong option or combination of options; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
