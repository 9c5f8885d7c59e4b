use std::path::PathBuf;

use artkg_vision::Architecture;

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
    /// A corpus without training works to compare with.
    #[error("{} has no training works with images to compare with", corpus.display())]
    NoTrainingWorks {
        /// The corpus folder.
        corpus: PathBuf,
    },
    /// The model predicts no node.
    #[error("the model predicts no graph embedding: it was not trained with one")]
    NoProjection,
    /// Node embeddings of another length than the model predicts.
    #[error(
        "the embeddings have {dimension} dimensions, the model predicts {predicted}; pass those \
         that it was trained with"
    )]
    OtherEmbeddings {
        /// The length of the embeddings.
        dimension: usize,
        /// The length that the model predicts.
        predicted: usize,
    },
    /// A network whose activations have no places.
    #[error("{0} has no stage with rows and columns")]
    NotSpatial(Architecture),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
