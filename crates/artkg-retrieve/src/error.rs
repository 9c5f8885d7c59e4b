use std::path::PathBuf;

use artkg_corpus::Split;
use artkg_vocabulary::Attribute;

use crate::measures::METRICS;

/// What can go wrong when texts and images are searched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// A file of a retrieval model that cannot be used.
    #[error("{}: {fault}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ModelFault,
    },
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
    /// Settings that make no sense.
    #[error(transparent)]
    Setting(#[from] Fault),
    /// A query without a word that the model knows.
    #[error("`{0}` has no word of the titles and descriptions that the model learned from")]
    UnknownWords(String),
    /// A corpus whose artworks the model does not know.
    #[error(
        "no artwork of the {split} split of {} has a text and is in the index; train the retrieval \
         model on this corpus",
        corpus.display()
    )]
    OtherCorpus {
        /// The corpus folder.
        corpus: PathBuf,
        /// The split.
        split: Split,
    },
    /// A corpus of which no artwork is in the index.
    #[error(
        "{}: none of its {artworks} artworks is in the index, which holds the {indexed} artworks \
         of {indexed_from}",
        corpus.display()
    )]
    NotIndexed {
        /// The corpus folder.
        corpus: PathBuf,
        /// How many artworks it has.
        artworks: usize,
        /// How many there are in the index.
        indexed: usize,
        /// The name of their corpus.
        indexed_from: String,
    },
    /// A model's output without the features that the visual side is made of.
    #[error("the features of the visual model were not kept")]
    NoFeatures,
    /// Texts of which nothing can be learned.
    #[error("titles and descriptions of the training artworks: {0}")]
    Texts(#[source] Box<artkg_text::Error>),
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A number that must not be 0.
    #[error("{key} = 0: must be above 0")]
    Zero {
        /// The setting.
        key: &'static str,
    },
    /// A margin that no cosine can keep.
    #[error("margin = {0}: a cosine lies from -1 to 1")]
    Margin(f64),
    /// A share that is none.
    #[error("omission = {0}: a share lies from 0 to 1")]
    Omission(f64),
    /// A batch with nothing to hold a text against.
    #[error("batch_size = 1: a text is held against the other artworks of its batch")]
    BatchOfOne,
    /// A batch that is to be computed in parts.
    #[error(
        "accumulate and memory_limit: the texts of a batch are held against each other, so it stays \
         whole; lower batch_size instead"
    )]
    SplitBatch,
    /// A metric that the run does not have.
    #[error("early_stopping.metric = \"{metric}\": must be one of {}", METRICS.join(", "))]
    UnknownMetric {
        /// The metric.
        metric: String,
    },
}

/// What is wrong with the file of a retrieval model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFault {
    /// It is of another kind.
    #[error("not a retrieval model")]
    NotOne,
    /// Its description cannot be read or written.
    #[error("the description is damaged: {0}")]
    Description(#[from] serde_json::Error),
    /// It is of another version.
    #[error("format {found} is not the format {known} that this version of artkg reads")]
    Format {
        /// Its format.
        found: u32,
        /// The format that is read.
        known: u32,
    },
    /// Vectors of no length, or of an absurd one.
    #[error("the description is damaged: vectors of {what} have {length} values")]
    Vectors {
        /// Whose vectors.
        what: &'static str,
        /// Their length.
        length: usize,
    },
    /// An artwork that it names twice.
    #[error("the description is damaged: artwork {id} is in the index twice")]
    ArtworkTwice {
        /// Its id.
        id: String,
    },
    /// It lacks the points of its artworks.
    #[error("the index is not there or not of shape {artworks} × {dimension}")]
    Index {
        /// How many artworks it names.
        artworks: usize,
        /// The dimension of the space.
        dimension: usize,
    },
    /// Its parameters are not those of its description.
    #[error(transparent)]
    Parameters(#[from] artkg_nn::Error),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
