/// What can go wrong when a model is made, read or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// An image.
    #[error(transparent)]
    Image(#[from] artkg_image::Error),
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// Captions and other texts.
    #[error(transparent)]
    Text(#[from] artkg_text::Error),
    /// The backbone or its weights.
    #[error(transparent)]
    Vision(#[from] artkg_vision::Error),
    /// A model file that cannot be used; says which and why.
    #[error("{0}")]
    Damaged(String),
    /// A wrong option or combination of options; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
