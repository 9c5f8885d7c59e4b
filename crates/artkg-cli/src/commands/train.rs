//! `artkg train`.

mod optimisation;

use std::path::PathBuf;
use std::sync::Arc;

use artkg_art::{ArtConfig, Mode, RunOptions};
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
    /// System to train
    #[arg(long)]
    mode: Option<Mode>,
    /// Node embeddings, for kgm [default: embeddings.safetensors in the corpus folder]
    #[arg(long)]
    embeddings: Option<PathBuf>,
    /// Attribute to learn: type, school, timeframe or author; all when not given
    #[arg(long = "task")]
    tasks: Vec<Attribute>,
    /// Training artworks that a value needs to be a class
    #[arg(long)]
    minimum_count: Option<usize>,
    /// Share of the graph regression in the loss
    #[arg(long)]
    context_weight: Option<f64>,
    #[command(flatten)]
    network: NetworkArguments,
    #[command(flatten)]
    optimisation: OptimisationArguments,
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
    /// one that `artkg models` lists
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
    let report = artkg_art::train(
        &config,
        RunOptions {
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
        },
    )?;
    bar.finish_and_clear();
    let folder = arguments.output.display();
    let Some(model) = report.model else {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({folder})"
        ));
        return Ok(Outcome::SomeFailed);
    };
    let summary = report.training.as_ref();
    if summary.is_some_and(|summary| summary.outcome == TrainingOutcome::StoppedEarly) {
        globals.note("stopped early: the validation accuracy no longer grew");
    }
    if globals.json {
        let best = summary.and_then(|summary| summary.best);
        println!(
            "{}",
            serde_json::json!({
                "model": model,
                "report": arguments.output.join("report.html"),
                "epochs": summary.map(|summary| summary.epochs),
                "best_epoch": best.map(|(epoch, _)| epoch),
                "best_validation_accuracy": best.map(|(_, accuracy)| accuracy),
            })
        );
    } else {
        if let Some((epoch, accuracy)) = summary.and_then(|summary| summary.best) {
            println!(
                "best validation accuracy {:.1} % (epoch {epoch})",
                100.0 * accuracy
            );
        }
        println!("model   {}", model.display());
        println!("report  {}", arguments.output.join("report.html").display());
    }
    Ok(Outcome::Success)
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
        set_some(&mut config.embeddings, &self.embeddings);
        if !self.tasks.is_empty() {
            config.tasks.clone_from(&self.tasks);
        }
        set(&mut config.minimum_count, &self.minimum_count);
        set(&mut config.context_weight, &self.context_weight);
        if config.mode == Mode::Kgm && config.embeddings.is_none() {
            // Where `artkg graph build` and `embed` leave them unless told otherwise.
            let beside_corpus = config.corpus.join("embeddings.safetensors");
            config.embeddings = beside_corpus.exists().then_some(beside_corpus);
        }
        set(&mut config.training.seed, &globals.seed);
        self.network.apply(&mut config);
        self.optimisation.apply(&mut config);
        Ok(config)
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
        set(&mut backbone.freeze, &self.freeze);
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
