/// What can go wrong in tagging; a single bad image is no error but a
/// [`crate::Failure`] in the summary.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The model.
    #[error(transparent)]
    Model(#[from] artkg_model::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] artkg_feed::Error),
    /// A word that names no task.
    #[error(transparent)]
    Attribute(#[from] artkg_vocabulary::UnknownAttribute),
    /// A wrong option or input; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
