use std::path::PathBuf;

use artkg_corpus::CAPTION_COLUMN;

/// What can go wrong when captions are made or texts become vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// Captions of no class.
    #[error("a caption names at least one class")]
    NoClass,
    /// A network that has learned nothing.
    #[error("random weights know no words; captions need ImageNet weights")]
    RandomWeights,
    /// Weights that do not tell ImageNet's classes apart.
    #[error(
        "{}: the weights have no classifier of {names} classes, as many as there are names; \
         captions need weights with ImageNet's classifier and the names of its classes",
        weights.display()
    )]
    NoClassifier {
        /// The file of the weights.
        weights: PathBuf,
        /// How many names there are.
        names: usize,
    },
    /// Classes without names.
    #[error("there is no {file} beside {}", weights.display())]
    NoNames {
        /// The name of the file.
        file: &'static str,
        /// The file of the weights.
        weights: PathBuf,
    },
    /// A captions file without one.
    #[error("{}: the file has no captions", .0.display())]
    NoCaptions(PathBuf),
    /// A corpus without captions of its own.
    #[error("corpus `{corpus}` has no column `{CAPTION_COLUMN}`, or nothing in it")]
    NoCaptionColumn {
        /// The corpus's name.
        corpus: String,
    },
    /// Texts of people in the place of captions.
    #[error(
        "the column `{CAPTION_COLUMN}` of corpus `{corpus}` repeats the {column}s, which people wrote"
    )]
    NotCaptions {
        /// The corpus's name.
        corpus: String,
        /// The column that holds the same.
        column: &'static str,
    },
    /// A word that names no columns.
    #[error("unknown field `{0}`; use title, description, or both: title,description")]
    UnknownField(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
