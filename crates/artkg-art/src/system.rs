use std::path::{Path, PathBuf};

use artkg_captions::CaptionSource;
use artkg_model::{ContextUse, Mode};
use artkg_text::WordVocabulary;

use crate::fault::Fault;

/// The system that is trained, each with what only it has (paper, section 5 and
/// table 3).
#[derive(Clone, Debug, PartialEq)]
pub enum System {
    /// Classifiers on the features of a frozen network.
    Pretrained,
    /// A network of its own for each task, fine-tuned.
    Finetune,
    /// Classifiers on frozen features beside what other models say of the image.
    Attributes {
        /// The model files of fine-tuned classifiers.
        models: Vec<PathBuf>,
    },
    /// Classifiers on frozen features beside the words of a caption.
    Captions {
        /// Where the captions come from.
        source: CaptionSource,
        /// How many of their words are looked at.
        words: usize,
    },
    /// Multi-task learning: one network with a classifier for each task.
    Mtl,
    /// The same, learning to predict an artwork's node in the knowledge graph.
    Kgm(GraphContext),
}

/// What a knowledge graph model learns of the graph, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphContext {
    /// The file of the node embeddings.
    pub embeddings: PathBuf,
    /// What else the predicted embedding serves.
    pub usage: ContextUse,
    /// The share of the graph regression in the loss; the classifiers have the rest.
    pub weight: f64,
    /// Widths of layers before the linear map that predicts the node embedding;
    /// none in the paper.
    pub hidden: Vec<usize>,
}

impl GraphContext {
    /// The share of the graph regression in the paper (section 5).
    pub const WEIGHT: f64 = 0.1;
    /// The embeddings of a corpus, where nobody says otherwise: a file in its folder.
    pub const EMBEDDINGS_FILE: &str = "embeddings.safetensors";

    /// The paper's use of the node embeddings in a file.
    pub fn new(embeddings: impl Into<PathBuf>) -> Self {
        Self {
            embeddings: embeddings.into(),
            usage: ContextUse::REGRESS,
            weight: Self::WEIGHT,
            hidden: Vec::new(),
        }
    }

    /// The file of the embeddings of the corpus in `folder`, where nobody says
    /// otherwise.
    pub fn embeddings_of(folder: &Path) -> PathBuf {
        folder.join(Self::EMBEDDINGS_FILE)
    }
}

impl System {
    /// How many words of captions are looked at (paper, section 5: 5,000).
    pub const CAPTION_WORDS: usize = WordVocabulary::USUAL_SIZE;

    /// The system's kind.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Pretrained => Mode::Pretrained,
            Self::Finetune => Mode::Finetune,
            Self::Attributes { .. } => Mode::Attributes,
            Self::Captions { .. } => Mode::Captions,
            Self::Mtl => Mode::Mtl,
            Self::Kgm(_) => Mode::Kgm,
        }
    }

    /// What it learns of the knowledge graph, if anything.
    pub fn graph(&self) -> Option<&GraphContext> {
        match self {
            Self::Kgm(graph) => Some(graph),
            _ => None,
        }
    }

    /// Where its captions come from, if it reads any.
    pub fn captions(&self) -> Option<&CaptionSource> {
        match self {
            Self::Captions { source, .. } => Some(source),
            _ => None,
        }
    }

    /// The models whose opinions it hears.
    pub fn models(&self) -> &[PathBuf] {
        match self {
            Self::Attributes { models } => models,
            _ => &[],
        }
    }

    /// Checks the numbers for a run of `tasks` tasks.
    ///
    /// # Errors
    /// The first that makes no sense.
    pub(crate) fn check(&self, tasks: usize) -> Result<(), Fault> {
        match self {
            Self::Attributes { models } if models.is_empty() => Err(Fault::NoClassifiers),
            Self::Captions { words: 0, .. } => Err(Fault::Zero {
                key: "caption_words",
            }),
            Self::Kgm(graph) if graph.usage.joint && tasks < 2 => Err(Fault::JointOfOne),
            Self::Kgm(graph) if graph.hidden.contains(&0) => Err(Fault::NoWidth),
            Self::Kgm(graph) => Fault::unless_share("context_weight", graph.weight),
            _ => Ok(()),
        }
    }
}
