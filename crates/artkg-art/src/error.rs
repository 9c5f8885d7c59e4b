use std::path::PathBuf;

use artkg_corpus::Split;
use artkg_vocabulary::Attribute;

use crate::fault::Fault;

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
    /// A graph without some of the works that are learnt from.
    #[error(
        "{} lacks {missing} of the training works, such as {example}: it is of another corpus \
         or of an older state of this one",
        graph.display()
    )]
    GraphLacksWorks {
        /// The graph file.
        graph: PathBuf,
        /// How many works it lacks.
        missing: usize,
        /// One of them.
        example: String,
    },
    /// A split without an image.
    #[error("the {split} split of {} has no images", corpus.display())]
    NoImages {
        /// The corpus folder.
        corpus: PathBuf,
        /// The split.
        split: Split,
    },
    /// Training or validation works of which no image can be used.
    #[error("no image of the training or validation split can be used")]
    NoUsableImages,
    /// Images that are too small for the network.
    #[error("{network} takes no images of {side} px: {source}")]
    SmallImages {
        /// The network.
        network: String,
        /// The side of the square that it would see.
        side: usize,
        /// Why.
        source: Box<artkg_vision::Error>,
    },
    /// Settings that make no sense.
    #[error(transparent)]
    Setting(#[from] Fault),
    /// No corpus was named.
    #[error("it is not said which corpus to learn from")]
    NoCorpus,
    /// A word that is no task weight.
    #[error("`{0}` is no task weight; write equal, learned, or weights such as type=1,author=2")]
    TaskWeight(String),
    /// A task with two weights.
    #[error("{0} has two weights")]
    TwoWeights(Attribute),
    /// No training artwork has a caption.
    #[error("no training artwork has a caption")]
    NoTrainingCaptions,
    /// A task that is no column of the corpus.
    #[error(
        "{} has no column {task}; its columns are {}",
        corpus.display(),
        columns.join(", ")
    )]
    NoColumn {
        /// The corpus folder.
        corpus: PathBuf,
        /// The task.
        task: Attribute,
        /// The columns that can be learned.
        columns: Vec<String>,
    },
    /// A knowledge graph model without a graph.
    #[error("kgm learns from node embeddings, but there is no {}", .0.display())]
    NoEmbeddings(PathBuf),
    /// An attribute of which nothing can be learned.
    #[error("no {attribute} occurs in {minimum_count} or more training artworks")]
    NoClass {
        /// The attribute.
        attribute: Attribute,
        /// How often a value must occur.
        minimum_count: usize,
    },
    /// Embeddings that know artworks which the model must not have seen.
    #[error(
        "artwork `{id}` of the {split} split has a node embedding, so its labels would leak into \
         training; make the embeddings again from training artworks only"
    )]
    Leak {
        /// One of the artworks.
        id: String,
        /// Its split.
        split: Split,
    },
    /// Embeddings of another corpus.
    #[error(
        "the embeddings have no vector of any training artwork; were they made from the graph of \
         this corpus?"
    )]
    OtherEmbeddings,
    /// Options of node2vec of a wrong type.
    #[error("the options of node2vec: {0}")]
    Node2Vec(#[source] serde_json::Error),
    /// An option that node2vec does not have.
    #[error(
        "node2vec has no option {0}; it has return_parameter, in_out_parameter, length, \
         walks_per_node, weighted, dimension, window, negatives, epochs, initial_learning_rate, \
         final_learning_rate and seed"
    )]
    UnknownNode2Vec(String),
    /// A parameter that embeds the graph anew, without a graph.
    #[error("{key} embeds the graph anew")]
    NoGraph {
        /// The parameter.
        key: String,
    },
}

impl Error {
    /// Whether other settings would help, and nothing else.
    pub(crate) fn is_of_settings(&self) -> bool {
        matches!(
            self,
            Self::Setting(_)
                | Self::TwoWeights(_)
                | Self::TaskWeight(_)
                | Self::NoColumn { .. }
                | Self::NoClass { .. }
                | Self::SmallImages { .. }
                | Self::NoUsableImages
                | Self::Inference(artkg_infer::Error::OtherPreprocessing { .. })
                | Self::Node2Vec(_)
                | Self::UnknownNode2Vec(_)
                | Self::NoGraph { .. }
        )
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
