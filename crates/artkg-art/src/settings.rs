use std::path::{Path, PathBuf};

use artkg_captions::CaptionSource;
use artkg_model::{ContextUse, Mode};
use artkg_train::TrainingConfig;
use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::backbone_config::BackboneConfig;
use crate::error::Result;
use crate::fault::Fault;
use crate::imbalance::ImbalanceConfig;
use crate::preprocessing_settings::PreprocessingSettings;
use crate::system::{GraphContext, System};
use crate::task_weights::TaskWeights;

/// What is said of a run, in a file or by options, before it is known to make sense:
/// the keys of `config.toml`. Every key but `corpus` has a default. An
/// [`crate::ArtConfig`] is made of them.
///
/// A system that has no use for `context_weight`, `projection_hidden` or
/// `caption_words` passes them over, as versions of artkg that had no [`System`]
/// wrote them into every file. Other keys that a system does not have are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtSettings {
    /// The kind of system that is trained.
    #[serde(default)]
    pub mode: Mode,
    /// The corpus folder.
    pub corpus: PathBuf,
    /// The knowledge graph whose edges say which classes go together, and what is known
    /// of authors; the corpus's own records say it when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<PathBuf>,
    /// The node embeddings, for `kgm`; those in the corpus folder when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<PathBuf>,
    /// What else the predicted embedding of `kgm` serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ContextUse>,
    /// The model files of fine-tuned classifiers, for `attributes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<PathBuf>,
    /// Where the captions come from, for `captions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captions: Option<CaptionSource>,
    /// How many words are looked at, for `captions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption_words: Option<usize>,
    /// The columns that are learned.
    #[serde(default = "paper_tasks")]
    pub tasks: Vec<Attribute>,
    /// How many training artworks a value needs to become a class.
    #[serde(default = "default_minimum_count")]
    pub minimum_count: usize,
    /// The share of the graph regression in the loss, for `kgm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_weight: Option<f64>,
    /// How much each task counts.
    #[serde(default)]
    pub task_weights: TaskWeights,
    /// Widths of layers before the last one of each classifier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<usize>,
    /// Widths of layers before the map that predicts the node embedding, for `kgm`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projection_hidden: Vec<usize>,
    /// The share of the target that the cross entropy spreads over all classes.
    #[serde(default)]
    pub label_smoothing: f64,
    /// What is done for rare classes.
    #[serde(default)]
    pub imbalance: ImbalanceConfig,
    /// The visual network.
    #[serde(default)]
    pub backbone: BackboneConfig,
    /// How images become inputs.
    #[serde(default)]
    pub preprocessing: PreprocessingSettings,
    /// The training loop.
    #[serde(default)]
    pub training: TrainingConfig,
}

impl ArtSettings {
    /// A run on `corpus` of which nothing else is said.
    pub fn new(corpus: impl Into<PathBuf>) -> Self {
        Self {
            mode: Mode::default(),
            corpus: corpus.into(),
            graph: None,
            embeddings: None,
            context: None,
            attributes: Vec::new(),
            captions: None,
            caption_words: None,
            tasks: paper_tasks(),
            minimum_count: default_minimum_count(),
            context_weight: None,
            task_weights: TaskWeights::default(),
            hidden: Vec::new(),
            projection_hidden: Vec::new(),
            label_smoothing: 0.0,
            imbalance: ImbalanceConfig::default(),
            backbone: BackboneConfig::default(),
            preprocessing: PreprocessingSettings::default(),
            training: TrainingConfig::default(),
        }
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, or with the line of a key that is unknown
    /// or has a wrong value.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(artkg_train::read_config(path)?)
    }

    /// The system.
    ///
    /// # Errors
    /// A key of another system, or one that this system lacks.
    pub(crate) fn system(&self) -> std::result::Result<System, Fault> {
        let mode = self.mode;
        let has_context = self
            .context
            .is_some_and(|usage| usage != ContextUse::REGRESS);
        Fault::of_other_system(
            mode,
            &[
                ("embeddings", self.embeddings.is_some(), Mode::Kgm),
                ("context", has_context, Mode::Kgm),
                ("attributes", !self.attributes.is_empty(), Mode::Attributes),
                ("captions", self.captions.is_some(), Mode::Captions),
            ],
        )?;
        Ok(match mode {
            Mode::Pretrained => System::Pretrained,
            Mode::Finetune => System::Finetune,
            Mode::Attributes if self.attributes.is_empty() => return Err(Fault::NoClassifiers),
            Mode::Attributes => System::Attributes {
                models: self.attributes.clone(),
            },
            Mode::Captions => System::Captions {
                source: self.captions.clone().ok_or(Fault::NoCaptions)?,
                words: self.caption_words.unwrap_or(System::CAPTION_WORDS),
            },
            Mode::Mtl => System::Mtl,
            Mode::Kgm => System::Kgm(GraphContext {
                embeddings: self.embeddings(),
                usage: self.context.unwrap_or_default(),
                weight: self.context_weight.unwrap_or(GraphContext::WEIGHT),
                hidden: self.projection_hidden.clone(),
            }),
        })
    }

    /// The node embeddings of a knowledge graph model: those given, or those that lie
    /// in the corpus folder.
    pub fn embeddings(&self) -> PathBuf {
        let given = self.embeddings.clone();
        given.unwrap_or_else(|| GraphContext::embeddings_of(&self.corpus))
    }

    /// The same with the keys of `system`, and none of another.
    pub(crate) fn with_system(self, system: System) -> Self {
        let mut settings = Self {
            mode: system.mode(),
            embeddings: None,
            context: None,
            attributes: Vec::new(),
            captions: None,
            caption_words: None,
            context_weight: None,
            projection_hidden: Vec::new(),
            ..self
        };
        match system {
            System::Pretrained | System::Finetune | System::Mtl => {}
            System::Attributes { models } => settings.attributes = models,
            System::Captions { source, words } => {
                settings.captions = Some(source);
                settings.caption_words = Some(words);
            }
            System::Kgm(graph) => {
                settings.embeddings = Some(graph.embeddings);
                settings.context = Some(graph.usage);
                settings.context_weight = Some(graph.weight);
                settings.projection_hidden = graph.hidden;
            }
        }
        settings
    }
}

fn paper_tasks() -> Vec<Attribute> {
    Attribute::PAPER.to_vec()
}

fn default_minimum_count() -> usize {
    Vocabulary::DEFAULT_MINIMUM_COUNT
}
