use std::path::PathBuf;

use artkg_corpus::Split;
use artkg_vocabulary::Attribute;

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
    /// A split with too few artworks that have an image and words.
    #[error(
        "{}: the {split} split has {artworks} artworks with an image and a title or description; \
         retrieval needs at least two",
        corpus.display()
    )]
    TooFewTexts {
        /// The corpus folder.
        corpus: PathBuf,
        /// The split.
        split: Split,
        /// How many there are.
        artworks: usize,
    },
    /// A visual model that does not predict a chosen attribute.
    #[error("{} does not predict {attribute}", model.display())]
    NotPredicted {
        /// The model file.
        model: PathBuf,
        /// The attribute.
        attribute: Attribute,
    },
    /// A visual model that reads captions.
    #[error(
        "{} reads captions; retrieval takes models that see the image alone or the opinions of \
         others",
        model.display()
    )]
    ReadsCaptions {
        /// The model file.
        model: PathBuf,
    },
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
