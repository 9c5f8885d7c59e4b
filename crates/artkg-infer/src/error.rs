use std::path::PathBuf;

use artkg_corpus::Split;

/// What can go wrong when a model is run over a corpus.
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
    Tensor(#[from] candle_core::Error),
    /// The backbone.
    #[error(transparent)]
    Vision(#[from] artkg_vision::Error),
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A split without an image that can be used.
    #[error("the {split} split of {} has no images that can be used", corpus.display())]
    NoImages {
        /// The corpus folder.
        corpus: PathBuf,
        /// The split.
        split: Split,
    },
    /// A cache that lacks a record which its index has.
    #[error(
        "{}: no activation is cached for {key}; delete the folder, and it is made again",
        folder.display()
    )]
    NoActivation {
        /// The folder of the cache.
        folder: PathBuf,
        /// The record.
        key: String,
    },
    /// A classifier whose opinions are to be an input, and which sees images otherwise
    /// than the new model will.
    #[error("{}: this model was trained on images of another size or normalisation", path.display())]
    OtherPreprocessing {
        /// Its file.
        path: PathBuf,
    },
    /// A classifier whose opinions are to be an input, and which itself has inputs beside
    /// the image.
    #[error("{}: this model itself needs more than the image", path.display())]
    NeedsMore {
        /// Its file.
        path: PathBuf,
    },
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
