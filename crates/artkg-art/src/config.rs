use std::path::{Path, PathBuf};

use artkg_corpus::{Attribute, Vocabulary};
use artkg_image::Preprocessing;
use artkg_train::TrainingConfig;
use artkg_vision::{BackboneRequest, Stage};
use serde::{Deserialize, Serialize};

use crate::{Error, Mode, Result};

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
    /// The share of the target that the cross entropy spreads over all classes
    /// (Szegedy et al., CVPR 2016).
    #[serde(default)]
    pub label_smoothing: f64,
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
    /// `layer3` of a ResNet or `block4` of a VGG.
    pub freeze: Stage,
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
            freeze: Stage::Input,
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
            tasks: all_tasks(),
            minimum_count: default_minimum_count(),
            context_weight: default_context_weight(),
            label_smoothing: 0.0,
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
        toml::from_str(&text).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
    }

    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// The first setting that makes no sense, and what to do instead.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::Usage(message));
        if self.tasks.is_empty() {
            return refuse("there is no task to learn; give --task or leave it out".to_owned());
        }
        let mut tasks = self.tasks.clone();
        tasks.sort_unstable();
        tasks.dedup();
        if tasks.len() != self.tasks.len() {
            return refuse("a task is given twice".to_owned());
        }
        if self.mode == Mode::Kgm && self.embeddings.is_none() {
            return refuse(
                "kgm learns from node embeddings; make them with `artkg graph embed` and pass \
                 --embeddings, or train without context with --mode mtl"
                    .to_owned(),
            );
        }
        if self.mode == Mode::Mtl && self.embeddings.is_some() {
            return refuse(
                "mtl uses no node embeddings; leave --embeddings out or train with --mode kgm"
                    .to_owned(),
            );
        }
        let shares = [
            ("context_weight", self.context_weight),
            ("label_smoothing", self.label_smoothing),
        ];
        for (key, value) in shares {
            if !(0.0..1.0).contains(&value) {
                return refuse(format!(
                    "{key} = {value}: must be 0 or more and less than 1"
                ));
            }
        }
        if self.backbone.freeze > Stage::Input && self.backbone.weights.is_none() {
            return refuse(format!(
                "freezing a network of random weights up to {} would keep it random; \
                 pass --weights or leave --freeze out",
                self.backbone.freeze
            ));
        }
        let (architecture, freeze) = (self.backbone.name.architecture, self.backbone.freeze);
        if let Err(error) = architecture.check_stage(freeze) {
            return refuse(format!("cannot freeze up to {freeze}: {error}"));
        }
        if let Some(rate) = self.backbone.dropout
            && !(0.0..1.0).contains(&rate)
        {
            return refuse(format!(
                "dropout = {rate}: must be 0 or more and less than 1"
            ));
        }
        self.preprocessing.validate()?;
        Ok(self.training.check()?)
    }

    /// The keys that may change when a run is resumed: they do not change what
    /// is computed.
    pub fn keys_free_to_change(&self) -> Vec<&'static str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_all_that_must_be_given() {
        let config: ArtConfig = toml::from_str("corpus = \"here\"\n").unwrap();
        assert_eq!(config, ArtConfig::new("here"));
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<ArtConfig>(&text).unwrap(), config);
    }

    #[test]
    fn unknown_keys_are_refused() {
        let error = toml::from_str::<ArtConfig>("corpus = \"c\"\nmodee = \"kgm\"").unwrap_err();
        assert!(error.to_string().contains("modee"), "{error}");
    }

    #[test]
    fn combinations_without_sense_say_the_way_out() {
        type Spoil = fn(&mut ArtConfig);
        let cases: [(Spoil, &str); 8] = [
            (
                |config| config.label_smoothing = f64::NAN,
                "label_smoothing = NaN",
            ),
            (|config| config.embeddings = None, "artkg graph embed"),
            (|config| config.mode = Mode::Mtl, "--mode kgm"),
            (|config| config.tasks.push(Attribute::Type), "given twice"),
            (|config| config.context_weight = 1.0, "context_weight = 1"),
            (
                |config| config.backbone.freeze = Stage::Layer3,
                "pass --weights",
            ),
            (
                |config| {
                    config.backbone.freeze = Stage::Block2;
                    config.backbone.weights = Some("imagenet".to_owned());
                },
                "resnet50 has no stage block2; its stages are input, stem",
            ),
            (|config| config.backbone.dropout = Some(1.0), "dropout = 1"),
        ];
        let mut good = ArtConfig::new("corpus");
        good.embeddings = Some("embeddings.safetensors".into());
        good.check().unwrap();
        for (spoil, expected) in cases {
            let mut config = good.clone();
            spoil(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
