use std::path::PathBuf;

/// What can go wrong when systems are compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A training run.
    #[error(transparent)]
    Art(Box<artkg_art::Error>),
    /// Captions of a corpus.
    #[error(transparent)]
    Captions(#[from] artkg_captions::Error),
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
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// The training loop.
    #[error(transparent)]
    Training(#[from] artkg_train::Error),
    /// The backbone or its weights.
    #[error(transparent)]
    Vision(#[from] artkg_vision::Error),
    /// Where weights come from.
    #[error(transparent)]
    Weights(#[from] artkg_weights::Error),
    /// A row that there is not.
    #[error("unknown row `{row}`; rows are {}, each with @NETWORK", known.join(", "))]
    UnknownRow {
        /// The row.
        row: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A row that learns from node embeddings, without any.
    #[error("{0} learns from node embeddings")]
    RowNeedsEmbeddings(String),
    /// A row that reads captions, without any.
    #[error("{0} reads captions")]
    RowNeedsCaptions(String),
    /// No row, or no run of it.
    #[error("there is nothing to compare: at least one row and one seed")]
    Nothing,
    /// A finished run of other settings.
    #[error("{}: this run was made with other settings", .0.display())]
    OtherSettings(PathBuf),
    /// A result that cannot be read.
    #[error("{}: {source}; delete the file to run this row again", path.display())]
    DamagedResult {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Too few works for a map.
    #[error("a map needs {needed} works or more, not {works}")]
    TooFewWorks {
        /// How many it needs.
        needed: usize,
        /// How many there are.
        works: usize,
    },
    /// A vector that is nowhere.
    #[error("vector {work} has values that are not finite")]
    NotFinite {
        /// The vector's number.
        work: usize,
    },
    /// The thread that lays out a map.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] rayon::ThreadPoolBuildError),
}

impl From<artkg_art::Error> for Error {
    /// Boxed, as it holds the errors of all floors below.
    fn from(error: artkg_art::Error) -> Self {
        Self::Art(Box::new(error))
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
