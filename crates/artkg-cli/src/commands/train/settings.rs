//! The settings of training runs, for `artkg train` and `artkg compare`.

use std::path::{Path, PathBuf};

use artkg_art::{ArtConfig, CaptionSource, TaskWeights};
use artkg_corpus::Attribute;
use artkg_vision::{BackboneRequest, Stage};
use clap::{Args, ValueEnum};

use super::optimisation::OptimisationArguments;
use crate::given::{set, set_some};
use crate::globals::Globals;

/// What a run learns, from what and how. What is not given comes from
/// `--config`, else from the defaults.
#[derive(Args)]
pub(crate) struct SettingsArguments {
    /// Settings file, such as the config.toml of another run
    #[arg(long)]
    config: Option<PathBuf>,
    /// Corpus folder
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Attribute to learn: type, school, timeframe or author; all when not given
    #[arg(long = "task")]
    tasks: Vec<Attribute>,
    /// Training artworks that a value needs to be a class [default: 10]
    #[arg(long)]
    minimum_count: Option<usize>,
    /// What each task counts: equal, learned, or weights such as type=1,author=2 [default: equal]
    #[arg(long)]
    task_weights: Option<TaskWeights>,
    /// Width of a layer before the last one of each classifier; can be repeated
    #[arg(long, value_name = "WIDTH")]
    hidden: Vec<usize>,
    #[command(flatten)]
    context: ContextArguments,
    #[command(flatten)]
    network: NetworkArguments,
    #[command(flatten)]
    optimisation: OptimisationArguments,
}

#[derive(Args)]
#[command(next_help_heading = "Context")]
struct ContextArguments {
    /// Node embeddings, for kgm [default: embeddings.safetensors in the corpus folder]
    #[arg(long)]
    embeddings: Option<PathBuf>,
    /// Share of the graph regression in the loss, for kgm [default: 0.1]
    #[arg(long)]
    context_weight: Option<f64>,
    /// Width of a layer before the one that predicts the embedding, for kgm; can be repeated
    #[arg(long, value_name = "WIDTH")]
    projection_hidden: Vec<usize>,
    /// Captions file, or corpus for those of the corpus itself, for captions
    #[arg(long, value_name = "FILE")]
    captions: Option<CaptionSource>,
    /// How many of the captions' words count, for captions [default: 5000]
    #[arg(long, value_name = "COUNT")]
    caption_words: Option<usize>,
}

#[derive(Args)]
#[command(next_help_heading = "Network")]
struct NetworkArguments {
    /// Visual network: resnet50, vgg16_bn, … (`artkg models` lists them) [default: resnet50]
    #[arg(long)]
    backbone: Option<BackboneRequest>,
    /// Pretrained weights: a safetensors file, imagenet, hub:OWNER/NAME, or none for random ones
    /// [default: random ones, which nothing may freeze]
    #[arg(long)]
    weights: Option<String>,
    /// Train nothing up to this stage of the network: input for none, pooled for all of it, or
    /// one that `artkg models` lists [default: pooled for pretrained, attributes and captions, else
    /// input]
    #[arg(long)]
    freeze: Option<Stage>,
    /// Rate of the dropout before the heads [default: the network's published one]
    #[arg(long)]
    dropout: Option<f32>,
    /// Folder for the activations of the frozen part [default: cache]
    #[arg(long)]
    cache: Option<PathBuf>,
    /// Do not show a frozen network mirrored training images
    #[arg(long)]
    no_mirror: bool,
    /// Shorter side that images are resized to, in pixels [default: 256]
    #[arg(long)]
    resize: Option<usize>,
    /// Side of the square that the network sees, in pixels [default: 224]
    #[arg(long)]
    crop: Option<usize>,
    /// Device to compute on
    #[arg(long, value_enum, default_value = "cpu")]
    device: DeviceName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DeviceName {
    /// The processor
    Cpu,
}

impl SettingsArguments {
    /// The settings: flags over `--config` (or, where a run is continued, what
    /// `stored` says) over defaults.
    pub(crate) fn read(
        &self,
        stored: Option<&Path>,
        globals: &Globals,
    ) -> Result<ArtConfig, Box<dyn std::error::Error>> {
        let mut config = match (self.config.as_deref(), stored, &self.corpus) {
            (Some(path), ..) | (None, Some(path), _) => ArtConfig::read(path)?,
            (None, None, Some(corpus)) => ArtConfig::new(corpus.clone()),
            (None, None, None) => {
                return Err(
                    "which corpus? pass --corpus FOLDER (`artkg corpus import` makes \
                            one) or --config FILE"
                        .into(),
                );
            }
        };
        set(&mut config.corpus, &self.corpus);
        if !self.tasks.is_empty() {
            config.tasks.clone_from(&self.tasks);
        }
        set(&mut config.minimum_count, &self.minimum_count);
        set(&mut config.task_weights, &self.task_weights);
        if !self.hidden.is_empty() {
            config.hidden.clone_from(&self.hidden);
        }
        set(&mut config.training.seed, &globals.seed);
        self.context.apply(&mut config);
        self.network.apply(&mut config);
        self.optimisation.apply(&mut config);
        Ok(config)
    }
}

/// Takes the embeddings from where `artkg graph build` and `embed` leave them
/// unless told otherwise.
pub(crate) fn find_embeddings(config: &mut ArtConfig) {
    if config.embeddings.is_none() {
        let beside_corpus = config.corpus.join("embeddings.safetensors");
        config.embeddings = beside_corpus.exists().then_some(beside_corpus);
    }
}

impl ContextArguments {
    fn apply(&self, config: &mut ArtConfig) {
        set_some(&mut config.embeddings, &self.embeddings);
        set(&mut config.context_weight, &self.context_weight);
        if !self.projection_hidden.is_empty() {
            config.projection_hidden.clone_from(&self.projection_hidden);
        }
        set_some(&mut config.captions, &self.captions);
        set(&mut config.caption_words, &self.caption_words);
    }
}

impl NetworkArguments {
    fn apply(&self, config: &mut ArtConfig) {
        match self.device {
            // The only device so far; the engine computes there.
            DeviceName::Cpu => {}
        }
        let backbone = &mut config.backbone;
        set(&mut backbone.name, &self.backbone);
        set_some(&mut backbone.weights, &self.weights);
        set_some(&mut backbone.freeze, &self.freeze);
        set_some(&mut backbone.dropout, &self.dropout);
        set(&mut backbone.cache, &self.cache);
        backbone.mirror &= !self.no_mirror;
        set(&mut config.preprocessing.resize, &self.resize);
        set(&mut config.preprocessing.crop, &self.crop);
    }
}
