//! The settings of training runs, for `artkg train` and `artkg compare`.

use std::path::{Path, PathBuf};

use artkg_art::{
    ArtSettings, BackboneConfig, Fault, GraphContext, PreprocessingSettings, System, TaskWeights,
};
use artkg_captions::CaptionSource;
use artkg_image::Preprocessing;
use artkg_model::Mode;
use artkg_vision::{BackboneRequest, Stage};
use artkg_vocabulary::Attribute;
use clap::Args;

use super::art_default::art_default;
use super::optimisation::OptimisationArguments;
use crate::defaults::{by_name, with_default};
use crate::given::{set, set_some};
use crate::globals::Globals;
use crate::here;

/// What a run learns, from what and how. What is not given comes from
/// `--config`, else from the defaults.
#[derive(Args)]
pub(crate) struct SettingsArguments {
    /// Settings file, such as the config.toml of another run
    #[arg(long)]
    config: Option<PathBuf>,
    /// Corpus folder; that of the settings file, else the one here or the only one below when not
    /// given
    #[arg(long)]
    corpus: Option<PathBuf>,
    #[arg(long = "task", value_name = "COLUMN", value_delimiter = ',', help = with_default(
        "Columns of the corpus to learn, such as type,school or genre; can be repeated",
        default_tasks(),
    ))]
    tasks: Vec<Attribute>,
    #[arg(long, help = with_default(
        "Training artworks that a value needs to become a class",
        art_default().minimum_count,
    ))]
    minimum_count: Option<usize>,
    #[arg(long, help = with_default(
        "Weights of the tasks in the loss: equal, learned, or given as in type=1,author=2",
        art_default().task_weights,
    ), value_delimiter = ',')]
    task_weights: Vec<TaskWeights>,
    /// Width of a layer before the last one of each classifier; can be a list
    #[arg(long, value_name = "WIDTH", value_delimiter = ',')]
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
    /// Knowledge graph whose edges, and facts about authors, say which tags go together, for
    /// `--context joint` and `--consistent`; the corpus's own records when not given, and for kgm
    /// graph.akg in the corpus folder
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
    #[arg(long, help = with_default(
        "Node embeddings, for kgm",
        format_args!("{} in the corpus folder", GraphContext::EMBEDDINGS_FILE),
    ))]
    embeddings: Option<PathBuf>,
    #[arg(long, help = with_default(
        "Share of the graph regression in the loss, for kgm",
        GraphContext::WEIGHT,
    ))]
    context_weight: Option<f64>,
    /// Width of a layer before the one that predicts the embedding, for kgm; can be a
    /// list
    #[arg(long, value_name = "WIDTH", value_delimiter = ',')]
    projection_hidden: Vec<usize>,
    /// Captions file, or corpus for the corpus's own captions, for captions
    #[arg(long, value_name = "FILE")]
    captions: Option<CaptionSource>,
    #[arg(long, value_name = "COUNT", help = with_default(
        "Number of caption words used, the most frequent ones, for captions",
        System::CAPTION_WORDS,
    ))]
    caption_words: Option<usize>,
}

#[derive(Args)]
#[command(next_help_heading = "Network")]
struct NetworkArguments {
    #[arg(long, help = with_default(
        "Visual network: resnet50, dinov2_vits14, … (`artkg models` lists them)",
        BackboneConfig::default().name,
    ))]
    backbone: Option<BackboneRequest>,
    /// Pretrained weights: a safetensors file, published (what the network's authors published),
    /// imagenet, hub:OWNER/NAME, or none; when not given, random ones, of which no part may be
    /// frozen
    #[arg(long)]
    weights: Option<String>,
    #[arg(long, help = with_default(
        "Train nothing up to this stage of the network: input for none, pooled for all of it, or one that `artkg models` lists",
        default_freezes(),
    ))]
    freeze: Option<Stage>,
    /// Dropout rate before the heads; the network's published one when not given
    #[arg(long)]
    dropout: Option<f32>,
    /// Factor by which each stage of the network learns slower than the next; none does when not
    /// given
    #[arg(long, value_name = "FACTOR")]
    layer_decay: Option<f64>,
    /// How often the last block of a transformer or ConvNeXt is left out for an image in training,
    /// those before it less often; none is when not given
    #[arg(long, value_name = "RATE")]
    stochastic_depth: Option<f32>,
    #[arg(long, help = with_default(
        "Folder for the activations of the frozen part",
        BackboneConfig::default().cache.display(),
    ))]
    cache: Option<PathBuf>,
    /// Do not show mirrored training images to a frozen network
    #[arg(long)]
    no_mirror: bool,
    #[arg(long, help = with_default(
        "Shorter side that images are resized to, in pixels",
        by_inputs(|preprocessing| preprocessing.resize),
    ))]
    resize: Option<usize>,
    #[arg(long, help = with_default(
        "Side of the square that the network sees, in pixels",
        by_inputs(|preprocessing| preprocessing.crop),
    ))]
    crop: Option<usize>,
}

/// A size of the default network's images, for help texts.
fn by_inputs(size: impl Fn(&Preprocessing) -> usize) -> String {
    let usual = PreprocessingSettings::default().of(BackboneConfig::default().name.architecture);
    format!("{}, or as the network's weights learned", size(&usual))
}

/// Up to where nothing is trained by system, for help texts.
fn default_freezes() -> String {
    by_name(Mode::ALL.map(|mode| {
        let frozen = BackboneConfig::default().frozen(mode);
        (mode.name(), Some(frozen.to_string()))
    }))
}

/// What is learned when nothing is said, for help texts.
fn default_tasks() -> String {
    let tasks = art_default().tasks;
    let names: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
    names.join(",")
}

impl SettingsArguments {
    /// Whether a file says what is not said here.
    pub(crate) fn has_config(&self) -> bool {
        self.config.is_some()
    }

    /// The settings: flags over `--config` (or, where a run is continued, what
    /// `stored` says) over defaults.
    pub(crate) fn read(
        &self,
        stored: Option<&Path>,
        globals: &Globals,
    ) -> Result<ArtSettings, Box<dyn std::error::Error>> {
        let mut settings = match (self.config.as_deref(), stored, &self.corpus) {
            (Some(path), ..) | (None, Some(path), _) => ArtSettings::read(path)?,
            (None, None, Some(corpus)) => ArtSettings::new(corpus.clone()),
            (None, None, None) => ArtSettings::new(here::corpus(None, globals)?),
        };
        set(&mut settings.corpus, &self.corpus);
        if !self.tasks.is_empty() {
            settings.tasks.clone_from(&self.tasks);
        }
        set(&mut settings.minimum_count, &self.minimum_count);
        if !self.task_weights.is_empty() {
            settings.task_weights = TaskWeights::together(&self.task_weights)?;
        }
        if !self.hidden.is_empty() {
            settings.hidden.clone_from(&self.hidden);
        }
        set(&mut settings.training.seed, &globals.seed);
        self.context.apply(&mut settings);
        self.network.apply(&mut settings);
        self.optimisation.apply(&mut settings)?;
        Ok(settings)
    }

    /// Refuses options of another system than the one to train.
    pub(crate) fn check_system(&self, mode: Mode) -> Result<(), Fault> {
        self.context.check(mode)
    }
}

impl ContextArguments {
    /// Refuses what the system to train does not have. The settings check the rest:
    /// these stand in files of every system.
    fn check(&self, mode: Mode) -> Result<(), Fault> {
        Fault::of_other_system(
            mode,
            &[
                ("context_weight", self.context_weight.is_some(), Mode::Kgm),
                (
                    "projection_hidden",
                    !self.projection_hidden.is_empty(),
                    Mode::Kgm,
                ),
                (
                    "caption_words",
                    self.caption_words.is_some(),
                    Mode::Captions,
                ),
            ],
        )
    }

    fn apply(&self, settings: &mut ArtSettings) {
        set_some(&mut settings.graph, &self.graph);
        set_some(&mut settings.embeddings, &self.embeddings);
        set_some(&mut settings.context_weight, &self.context_weight);
        if !self.projection_hidden.is_empty() {
            settings
                .projection_hidden
                .clone_from(&self.projection_hidden);
        }
        set_some(&mut settings.captions, &self.captions);
        set_some(&mut settings.caption_words, &self.caption_words);
    }
}

impl NetworkArguments {
    fn apply(&self, settings: &mut ArtSettings) {
        let backbone = &mut settings.backbone;
        set(&mut backbone.name, &self.backbone);
        set_some(&mut backbone.weights, &self.weights);
        set_some(&mut backbone.freeze, &self.freeze);
        set_some(&mut backbone.dropout, &self.dropout);
        set_some(&mut backbone.layer_decay, &self.layer_decay);
        set_some(&mut backbone.stochastic_depth, &self.stochastic_depth);
        set(&mut backbone.cache, &self.cache);
        backbone.mirror &= !self.no_mirror;
        set_some(&mut settings.preprocessing.resize, &self.resize);
        set_some(&mut settings.preprocessing.crop, &self.crop);
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    /// Settings from a command line, with what a stored file says.
    fn read(line: &str, stored: Option<&Path>) -> Result<ArtSettings, String> {
        let command = Globals::augment_args(Command::new("train"));
        let matches = SettingsArguments::augment_args(command)
            .try_get_matches_from(format!("train {line}").split_whitespace())
            .unwrap();
        let globals = Globals::from_arg_matches(&matches).unwrap();
        let settings = SettingsArguments::from_arg_matches(&matches).unwrap();
        settings
            .read(stored, &globals)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn options_of_another_system_are_refused() {
        let command = SettingsArguments::augment_args(Command::new("train"));
        let line = "train --corpus c --context-weight 0.5";
        let matches = command.try_get_matches_from(line.split_whitespace());
        let settings = SettingsArguments::from_arg_matches(&matches.unwrap()).unwrap();
        settings.check_system(Mode::Kgm).unwrap();
        let error = settings.check_system(Mode::Mtl).unwrap_err().to_string();
        assert!(error.contains("context_weight: mtl has none"), "{error}");
    }

    #[test]
    fn a_corpus_is_needed() {
        // There is none in this package.
        assert!(read("", None).unwrap_err().contains("--corpus FOLDER"));
        assert_eq!(
            read("--corpus c", None).unwrap(),
            ArtSettings::new("c"),
            "everything else has its default"
        );
    }

    #[test]
    fn tasks_are_a_list_of_columns() {
        let settings = read("--corpus c --task type,movement --task Author", None).unwrap();
        let names: Vec<&str> = settings.tasks.iter().map(|task| task.name()).collect();
        assert_eq!(names, ["type", "movement", "author"]);
    }

    #[test]
    fn weights_are_a_list_of_tasks() {
        for line in [
            "--task-weights type=1,author=2",
            "--task-weights type=1 --task-weights author=2",
        ] {
            let settings = read(&format!("--corpus c {line}"), None).unwrap();
            assert_eq!(settings.task_weights.to_string(), "type=1,author=2");
        }
        let message = read("--corpus c --task-weights equal,type=1", None).unwrap_err();
        assert!(message.contains("`equal` is no task weight"), "{message}");
    }

    #[test]
    fn flags_go_before_the_file_and_the_file_before_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let stored = "mode = \"mtl\"\ncorpus = \"stored\"\nminimum_count = 4\n\
                      [backbone]\nmirror = false\n[training]\nseed = 5\nepochs = 3\n";
        std::fs::write(&path, stored).unwrap();
        let config = read("--epochs 7 --freeze pooled --hidden 64", Some(&path)).unwrap();
        assert_eq!(config.corpus, Path::new("stored"));
        assert_eq!((config.mode, config.minimum_count), (Mode::Mtl, 4));
        assert_eq!((config.training.epochs, config.training.seed), (7, 5));
        assert_eq!(config.backbone.freeze, Some(Stage::Pooled));
        assert_eq!(config.hidden, [64]);
        assert_eq!(config.tasks, Attribute::PAPER);
        // A flag that only switches off leaves off what the file has off.
        assert!(!config.backbone.mirror);
        let seeded = read("--seed 0 --corpus other", Some(&path)).unwrap();
        assert_eq!(seeded.training.seed, 0);
        assert_eq!(seeded.corpus, Path::new("other"));
    }
}
