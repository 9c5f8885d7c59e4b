use std::path::{Path, PathBuf};

/// What a tokenizer says when it fails.
pub type TokenizerError = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A table is not valid CSV.
    #[error("{}: {source}", path.display())]
    Csv {
        /// The table.
        path: PathBuf,
        /// What the reader or writer said.
        source: csv::Error,
    },
    /// A captions file without one of its columns.
    #[error(
        "{}: the header has no column `{column}`, only {}; a captions file has `id`, the \
         artwork's id in the corpus, and `caption`", path.display(), found.join(", ")
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// Those that are there.
        found: Vec<String>,
    },
    /// A row of a captions file without an id.
    #[error("{}: row {row}: the id is empty", path.display())]
    EmptyId {
        /// The file.
        path: PathBuf,
        /// The row, the header being the first.
        row: usize,
    },
    /// An id that comes twice in a captions file.
    #[error("{}: row {row}: the id `{id}` came already; keep one caption an artwork", path.display())]
    RepeatedId {
        /// The file.
        path: PathBuf,
        /// The second row with it, the header being the first.
        row: usize,
        /// The id.
        id: String,
    },
    /// Two captions of one artwork.
    #[error("two captions have the id `{0}`")]
    TwoCaptions(String),
    /// Captions of artworks that the corpus lacks.
    #[error(
        "{}: the corpus has no artwork `{first}`{}; were these captions made for another corpus?",
        path.display(),
        others(*unknown, *all)
    )]
    UnknownArtworks {
        /// The captions file.
        path: PathBuf,
        /// The first such artwork.
        first: String,
        /// How many there are.
        unknown: usize,
        /// How many captions there are.
        all: usize,
    },
    /// A file of classes' names that cannot be used.
    #[error("{}: {fault}", path.display())]
    ClassNames {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: ClassNamesFault,
    },
    /// The texts to learn from hold no word.
    #[error(
        "none of the {texts} texts to learn from has a word of two or more letters; \
         are they the right texts?"
    )]
    NoWords {
        /// The number of texts.
        texts: usize,
    },
    /// A stored TF-IDF that contradicts itself.
    #[error("damaged TF-IDF: {weights} weights for {words} words, or words out of order")]
    DamagedTfIdf {
        /// The number of words.
        words: usize,
        /// The number of their weights.
        weights: usize,
    },
    /// The engine refused a tensor.
    #[cfg(any(feature = "blip", feature = "sentence"))]
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A model's file that is not available or not readable.
    #[cfg(any(feature = "blip", feature = "sentence"))]
    #[error(transparent)]
    Source(#[from] artkg_weights::Error),
    /// Weights that are not those of the model's configuration.
    #[cfg(any(feature = "blip", feature = "sentence"))]
    #[error("{}: not the weights that config.json describes: {source}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: Box<candle_core::Error>,
    },
    /// A model of another kind than can be used.
    #[error("{}: a model of the kind {kind}, not {wanted}", path.display())]
    ModelKind {
        /// Its configuration.
        path: PathBuf,
        /// What it is.
        kind: String,
        /// What it should be, and a model that is.
        wanted: &'static str,
    },
    /// A sentence encoder that makes its vectors in another way.
    #[error(
        "{}: this encoder does not take the mean over its tokens; choose one that does",
        .0.display()
    )]
    Pooling(PathBuf),
    /// A file that describes no tokenizer.
    #[error("{}: not a tokenizer that can be read: {source}", path.display())]
    TokenizerFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: TokenizerError,
    },
    /// A tokenizer that failed.
    #[error("the tokenizer of {model}: {source}")]
    Tokenizer {
        /// The model.
        model: String,
        /// Why.
        source: TokenizerError,
    },
    /// Captions longer than a captioner can write.
    #[error("captions of {longest} tokens; {model} writes at most {most}")]
    TooLong {
        /// The tokens that were asked for.
        longest: usize,
        /// The captioner.
        model: String,
        /// Its most.
        most: usize,
    },
}

/// What is wrong with a file of classes' names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassNamesFault {
    /// It is JSON of another form, or none.
    #[error(
        "not a file of labels ({0}); write [\"tench\", …] or {{\"0\": \"tench\", …}}, or a text \
         file with a class a line"
    )]
    Layout(#[source] serde_json::Error),
    /// A key that is no number.
    #[error("`{0}` is no class number")]
    Number(String),
    /// A gap in the numbers.
    #[error("class {0} is missing")]
    Missing(usize),
    /// A class without a name.
    #[error("class {0} has no name")]
    Unnamed(usize),
    /// No class at all.
    #[error("there are no classes")]
    Empty,
}

/// What is said of the ids besides the first that is not known.
fn others(unknown: usize, all: usize) -> String {
    match (unknown - 1, all - 1) {
        (_, 0) => String::new(),
        (0, _) => ", but all others here".to_owned(),
        (same, others) if same == others => ", nor any other here".to_owned(),
        (unknown, others) => format!(", nor {unknown} of the other {others} here"),
    }
}

impl Error {
    /// Wraps an error of the CSV reader or writer with the table's path.
    pub(crate) fn csv(path: &Path) -> impl Fn(csv::Error) -> Self {
        move |source| Self::Csv {
            path: path.to_path_buf(),
            source,
        }
    }
}

#[cfg(any(feature = "blip", feature = "sentence"))]
impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(error.into())
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
