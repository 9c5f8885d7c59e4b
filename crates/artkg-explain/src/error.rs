/// What can go wrong when a tag is explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// The backbone or its weights.
    #[error(transparent)]
    Vision(#[from] artkg_vision::Error),
    /// A wrong option or combination of options; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
