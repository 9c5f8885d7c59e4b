//! `artkg train`.

mod optimisation;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_art::{ArtConfig, CaptionSource, ContextUse, Mode, RunOptions, RunReport, TaskWeights};
use artkg_corpus::Attribute;
use artkg_train::Outcome as TrainingOutcome;
use artkg_vision::{BackboneRequest, Stage};
use clap::{Args, ValueEnum};

use self::optimisation::OptimisationArguments;
use crate::globals::{CommandResult, Globals, Outcome, stop_on_interrupt};

/// The options of `artkg train`. What is not given comes from `--config`, else
/// from the defaults.
#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct TrainArguments {
    /// Run folder for checkpoints, records and the model
    #[arg(long, short, default_value = "runs/latest")]
    output: PathBuf,
    /// Continue the run in the run folder exactly where it stopped
    #[arg(long)]
    resume: bool,
    /// Settings file, such as the config.toml of another run
    #[arg(long)]
    config: Option<PathBuf>,
    /// Corpus folder
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// System to train: pretrained, finetune, attributes, captions, mtl or kgm
    #[arg(long)]
    mode: Option<Mode>,
    /// Attribute to learn: type, school, timeframe or author; all when not given
    #[arg(long = "task")]
    tasks: Vec<Attribute>,
    /// Training artworks that a value needs to be a class
    #[arg(long)]
    minimum_count: Option<usize>,
    /// What each task counts: equal, learned, or weights such as type=1,author=2
    #[arg(long)]
    task_weights: Option<TaskWeights>,
    #[command(flatten)]
    systems: SystemArguments,
    #[command(flatten)]
    network: NetworkArguments,
    #[command(flatten)]
    optimisation: OptimisationArguments,
}

#[derive(Args)]
#[command(next_help_heading = "Systems")]
struct SystemArguments {
    /// Node embeddings, for kgm [default: embeddings.safetensors in the corpus folder]
    #[arg(long)]
    embeddings: Option<PathBuf>,
    /// What the predicted embedding serves beside the loss, for kgm: regress (nothing, as in the
    /// paper), fuse, prototypes or fuse+prototypes
    #[arg(long)]
    context: Option<ContextUse>,
    /// Share of the graph regression in the loss, for kgm [default: 0.1]
    #[arg(long)]
    context_weight: Option<f64>,
    /// Width of a layer before the one that predicts the embedding, for kgm; can be repeated
    #[arg(long, value_name = "WIDTH")]
    projection_hidden: Vec<usize>,
    /// Model file of a fine-tuned classifier, or the folder of a finetune run, for attributes; can
    /// be repeated
    #[arg(long, value_name = "MODEL")]
    attributes: Vec<PathBuf>,
    /// Captions file, or corpus for those of the corpus itself, for captions
    #[arg(long, value_name = "FILE")]
    captions: Option<CaptionSource>,
    /// How many of the captions' words count, for captions [default: 5000]
    #[arg(long, value_name = "COUNT")]
    caption_words: Option<usize>,
    /// Width of a layer before the last one of each classifier; can be repeated
    #[arg(long, value_name = "WIDTH")]
    hidden: Vec<usize>,
}

#[derive(Args)]
#[command(next_help_heading = "Network")]
struct NetworkArguments {
    /// Visual network: resnet50, vgg16_bn, … (`artkg models` lists them)
    #[arg(long)]
    backbone: Option<BackboneRequest>,
    /// Pretrained weights: a safetensors file, imagenet, or hub:OWNER/NAME
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
    /// Folder for the activations of the frozen part
    #[arg(long)]
    cache: Option<PathBuf>,
    /// Do not show a frozen network mirrored training images
    #[arg(long)]
    no_mirror: bool,
    /// Shorter side that images are resized to, in pixels
    #[arg(long)]
    resize: Option<usize>,
    /// Side of the square that the network sees, in pixels
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

pub(crate) fn run(arguments: TrainArguments, globals: &Globals) -> CommandResult {
    let config = arguments.settings(globals)?;
    let stop = stop_on_interrupt()?;
    let bar = globals.progress_bar(0, "images through the frozen part");
    let mut tenths = 0;
    let options = RunOptions {
        folder: &arguments.output,
        resume: arguments.resume,
        threads: globals.threads(),
        stop: &stop,
        progress: &mut *globals.training_progress("images"),
        on_extraction: &mut |done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            if bar.is_hidden() && done * 10 / total > tenths {
                tenths = done * 10 / total;
                globals.note(format!("{done} of {total} images through the frozen part"));
            }
        },
        on_failure: Arc::new(|message| eprintln!("left out: {message}")),
    };
    let reports = if config.mode == Mode::Finetune && config.tasks.len() > 1 {
        artkg_art::train_each_task(&config, options)?
            .into_iter()
            .map(|(task, report)| (arguments.output.join(task.name()), report))
            .collect()
    } else {
        vec![(
            arguments.output.clone(),
            artkg_art::train(&config, options)?,
        )]
    };
    bar.finish_and_clear();
    let results: Vec<serde_json::Value> = reports
        .iter()
        .filter_map(|(folder, report)| describe(folder, report, globals))
        .collect();
    if results.len() < reports.len() {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({})",
            arguments.output.display()
        ));
        return Ok(Outcome::SomeFailed);
    }
    if globals.json {
        match results.as_slice() {
            [result] => println!("{result}"),
            _ => println!("{}", serde_json::Value::from(results)),
        }
    }
    Ok(Outcome::Success)
}

/// Prints how a run ended, and gives the same for machines; `None` when it was
/// stopped.
fn describe(folder: &Path, report: &RunReport, globals: &Globals) -> Option<serde_json::Value> {
    let model = report.model.as_ref()?;
    let summary = report.training.as_ref();
    if summary.is_some_and(|summary| summary.outcome == TrainingOutcome::StoppedEarly) {
        globals.note("stopped early: the validation accuracy no longer grew");
    }
    let best = summary.and_then(|summary| summary.best);
    let page = folder.join("report.html");
    if !globals.json {
        if let Some((epoch, accuracy)) = best {
            let accuracy = 100.0 * accuracy;
            println!("best validation accuracy {accuracy:.1} % (epoch {epoch})");
        }
        println!("model   {}", model.display());
        println!("report  {}", page.display());
    }
    Some(serde_json::json!({
        "model": model,
        "report": page,
        "epochs": summary.map(|summary| summary.epochs),
        "best_epoch": best.map(|(epoch, _)| epoch),
        "best_validation_accuracy": best.map(|(_, accuracy)| accuracy),
    }))
}

impl TrainArguments {
    /// The settings: flags over `--config` (or, on `--resume`, what the run was
    /// started with) over defaults.
    fn settings(&self, globals: &Globals) -> Result<ArtConfig, Box<dyn std::error::Error>> {
        let stored = self.output.join("config.toml");
        let mut config = match (&self.config, &self.corpus) {
            (Some(path), _) => ArtConfig::read(path)?,
            (None, _) if self.resume && stored.exists() => ArtConfig::read(&stored)?,
            (None, Some(corpus)) => ArtConfig::new(corpus.clone()),
            (None, None) => {
                return Err(
                    "which corpus? pass --corpus FOLDER (`artkg corpus import` makes \
                            one) or --config FILE"
                        .into(),
                );
            }
        };
        set(&mut config.corpus, &self.corpus);
        set(&mut config.mode, &self.mode);
        if !self.tasks.is_empty() {
            config.tasks.clone_from(&self.tasks);
        }
        set(&mut config.minimum_count, &self.minimum_count);
        set(&mut config.task_weights, &self.task_weights);
        self.systems.apply(&mut config);
        set(&mut config.training.seed, &globals.seed);
        self.network.apply(&mut config);
        self.optimisation.apply(&mut config);
        Ok(config)
    }
}

impl SystemArguments {
    fn apply(&self, config: &mut ArtConfig) {
        set_some(&mut config.embeddings, &self.embeddings);
        if config.mode == Mode::Kgm && config.embeddings.is_none() {
            // Where `artkg graph build` and `embed` leave them unless told otherwise.
            let beside_corpus = config.corpus.join("embeddings.safetensors");
            config.embeddings = beside_corpus.exists().then_some(beside_corpus);
        }
        set(&mut config.context, &self.context);
        set(&mut config.context_weight, &self.context_weight);
        if !self.projection_hidden.is_empty() {
            config.projection_hidden.clone_from(&self.projection_hidden);
        }
        if !self.attributes.is_empty() {
            let models = self.attributes.iter();
            config.attributes = models
                .flat_map(|path| artkg_art::model_files(path))
                .collect();
        }
        set_some(&mut config.captions, &self.captions);
        set(&mut config.caption_words, &self.caption_words);
        if !self.hidden.is_empty() {
            config.hidden.clone_from(&self.hidden);
        }
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

fn set<T: Clone>(value: &mut T, given: &Option<T>) {
    if let Some(given) = given {
        value.clone_from(given);
    }
}

fn set_some<T: Clone>(value: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        value.clone_from(given);
    }
}
