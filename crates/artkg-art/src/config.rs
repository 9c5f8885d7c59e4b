mod check;

use std::path::{Path, PathBuf};

use artkg_captions::CaptionSource;
use artkg_image::Preprocessing;
use artkg_model::{ContextUse, Mode};
use artkg_train::{RunConfig, TrainingConfig};
use artkg_vision::{BackboneRequest, Stage};
use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::imbalance::ImbalanceConfig;
use crate::task_weights::TaskWeights;

/// Everything that decides a training run of a visual model: what `config.toml`
/// in its folder says. Every key but `corpus` has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtConfig {
    /// The system that is trained.
    #[serde(default)]
    pub mode: Mode,
    /// The corpus folder.
    pub corpus: PathBuf,
    /// The node embeddings, for `kgm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<PathBuf>,
    /// What else the predicted embedding of `kgm` serves.
    #[serde(default)]
    pub context: ContextUse,
    /// The model files of fine-tuned classifiers, for `attributes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<PathBuf>,
    /// Where the captions come from, for `captions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captions: Option<CaptionSource>,
    /// How many of the captions' words are looked at (paper, section 5: 5,000).
    #[serde(default = "default_caption_words")]
    pub caption_words: usize,
    /// The attributes that are learned.
    #[serde(default = "all_tasks")]
    pub tasks: Vec<Attribute>,
    /// How many training artworks a value needs to become a class.
    #[serde(default = "default_minimum_count")]
    pub minimum_count: usize,
    /// The share of the graph regression in the loss of `kgm`; the classifiers
    /// have the rest (paper, section 5: 0.1).
    #[serde(default = "default_context_weight")]
    pub context_weight: f64,
    /// How much each task counts.
    #[serde(default)]
    pub task_weights: TaskWeights,
    /// Widths of layers before the last one of each classifier; none in the paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<usize>,
    /// Widths of layers before the linear map that predicts the node embedding;
    /// none in the paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projection_hidden: Vec<usize>,
    /// The share of the target that the cross entropy spreads over all classes
    /// (Szegedy et al., CVPR 2016).
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
    pub preprocessing: Preprocessing,
    /// The training loop.
    #[serde(default)]
    pub training: TrainingConfig,
}

/// The visual network of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackboneConfig {
    /// The architecture, such as `resnet50` or `resnet50-v1`.
    pub name: BackboneRequest,
    /// Pretrained weights: a safetensors file, or `hub:<repository>`, or
    /// `imagenet`; random when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// The boundary up to which nothing is trained: `input` trains everything,
    /// `pooled` only the heads; between them the network's own stages, such as
    /// `layer3` of a ResNet or `block4` of a VGG. When not given, `pooled` for
    /// systems on a network that stays as it is, else `input`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Stage>,
    /// The rate of the dropout before the heads and before fully connected
    /// layers; the network's published one when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f32>,
    /// With a frozen part: whether each training image is also seen mirrored.
    /// (Without one, images are augmented as in the paper.)
    pub mirror: bool,
    /// Where the activations of the frozen part are kept.
    pub cache: PathBuf,
}

impl Default for BackboneConfig {
    fn default() -> Self {
        Self {
            name: artkg_vision::Architecture::ResNet50.into(),
            weights: None,
            freeze: None,
            dropout: None,
            mirror: true,
            cache: PathBuf::from("cache"),
        }
    }
}

impl ArtConfig {
    /// A run on `corpus` with every other setting at its default.
    pub fn new(corpus: impl Into<PathBuf>) -> Self {
        Self {
            mode: Mode::default(),
            corpus: corpus.into(),
            embeddings: None,
            context: ContextUse::default(),
            attributes: Vec::new(),
            captions: None,
            caption_words: default_caption_words(),
            tasks: all_tasks(),
            minimum_count: default_minimum_count(),
            context_weight: default_context_weight(),
            task_weights: TaskWeights::default(),
            hidden: Vec::new(),
            projection_hidden: Vec::new(),
            label_smoothing: 0.0,
            imbalance: ImbalanceConfig::default(),
            backbone: BackboneConfig::default(),
            preprocessing: Preprocessing::default(),
            training: TrainingConfig::default(),
        }
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, or with the line of a key that is unknown
    /// or has a wrong value.
    pub fn read(path: &Path) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        toml::from_str(&text).map_err(|source| Error::config(path, source))
    }

    /// The boundary up to which nothing is trained.
    pub fn frozen(&self) -> Stage {
        self.backbone
            .freeze
            .unwrap_or(if self.mode.keeps_backbone() {
                Stage::Pooled
            } else {
                Stage::Input
            })
    }
}

impl RunConfig for ArtConfig {
    type Error = Error;

    fn check(&self) -> Result<()> {
        self.check()
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn training_mut(&mut self) -> &mut TrainingConfig {
        &mut self.training
    }

    fn keys_free_to_change(&self) -> Vec<&'static str> {
        // Where activations are kept does not change what is computed.
        let mut keys = self.training.keys_free_to_change();
        keys.push("cache");
        keys
    }
}

fn all_tasks() -> Vec<Attribute> {
    Attribute::ALL.to_vec()
}

fn default_minimum_count() -> usize {
    Vocabulary::DEFAULT_MINIMUM_COUNT
}

fn default_context_weight() -> f64 {
    0.1
}

fn default_caption_words() -> usize {
    artkg_text::WordVocabulary::USUAL_SIZE
}
