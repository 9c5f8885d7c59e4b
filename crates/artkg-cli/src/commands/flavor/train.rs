use std::path::PathBuf;

use artkg_flavor::features::PairInputs;
use artkg_flavor::{Architecture, ClassFile, FlavorConfig, ModelConfig, RunOptions};
use artkg_train::Outcome as TrainingOutcome;
use clap::{Args, ValueEnum};

use super::watch::Watch;
use crate::given::set;
use crate::globals::{CommandResult, Globals, Outcome, stop_on_interrupt};

/// The options of `artkg flavor train`. What is not given comes from `--config`,
/// else from the defaults.
#[derive(Args)]
pub(crate) struct TrainArguments {
    /// Training events: CLASS=FILE, or @LIST=FILE with a list of classes; once a file
    #[arg(long = "class", value_name = "CLASS=FILE")]
    classes: Vec<ClassFile>,
    /// Validation events, given the same way [default: a tenth of the training events]
    #[arg(long, value_name = "CLASS=FILE")]
    validation: Vec<ClassFile>,
    /// Run folder for checkpoints, records and the model
    #[arg(long, short, default_value = "runs/flavor")]
    output: PathBuf,
    /// Continue the run in the run folder exactly where it stopped
    #[arg(long)]
    resume: bool,
    /// Settings file, such as the config.toml of another run
    #[arg(long)]
    config: Option<PathBuf>,
    /// Stop at the first malformed line
    #[arg(long)]
    strict: bool,
    /// Kind of tagger [default: sets]
    #[arg(long, value_enum)]
    model: Option<ModelName>,
    /// Outputs of each hidden layer [default: classical 32, dense 256, sets 128, attention 48]
    #[arg(long)]
    width: Option<usize>,
    /// Layers of the net a track, or blocks of attention [default: 1, 3, 3 and 2]
    #[arg(long)]
    layers: Option<usize>,
    /// Heads of attention [default: 3]
    #[arg(long)]
    heads: Option<usize>,
    /// What attention learns of each pair of tracks [default: all]
    #[arg(long, value_enum)]
    pairs: Option<PairName>,
    /// Tracks that the padded dense net sees [default: 40]
    #[arg(long)]
    tracks: Option<usize>,
    /// Give the padded dense net the tracks' inputs as they are, without a net that all share
    #[arg(long)]
    plain: bool,
    /// Share of the values dropped in training [default: 0.3 for dense, else 0]
    #[arg(long)]
    dropout: Option<f32>,
    /// Share of the tracks that training leaves out, at random [default: 0.15 for dense, else 0]
    #[arg(long)]
    lost_tracks: Option<f64>,
    /// Passes over the training events [default: 30]
    #[arg(long)]
    epochs: Option<usize>,
    /// Events in a step [default: 128]
    #[arg(long)]
    batch_size: Option<usize>,
    /// Learning rate [default: 0.002]
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Weight decay [default: 0.01]
    #[arg(long)]
    weight_decay: Option<f64>,
    /// Epochs without a better validation accuracy before the run ends [default: no end]
    #[arg(long)]
    patience: Option<usize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ModelName {
    /// Shallow dense net on hand-made quantities
    Classical,
    /// Dense net on padded, energy-ordered tracks
    Dense,
    /// Deep sets
    Sets,
    /// Attention over tracks with features of pairs
    Attention,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PairName {
    /// Momenta, and where in space the two tracks meet
    All,
    /// Momenta alone
    Momenta,
    /// Nothing
    None,
}

impl From<PairName> for PairInputs {
    fn from(name: PairName) -> Self {
        match name {
            PairName::All => Self::All,
            PairName::Momenta => Self::Momenta,
            PairName::None => Self::None,
        }
    }
}

impl From<ModelName> for Architecture {
    fn from(name: ModelName) -> Self {
        match name {
            ModelName::Classical => Self::Classical,
            ModelName::Dense => Self::Dense,
            ModelName::Sets => Self::Sets,
            ModelName::Attention => Self::Attention,
        }
    }
}

pub(super) fn run(arguments: &TrainArguments, globals: &Globals) -> CommandResult {
    let config = arguments.settings(globals)?;
    let stop = stop_on_interrupt()?;
    let mut watch = Watch::new(globals);
    let report = artkg_flavor::train(
        &config,
        RunOptions {
            folder: &arguments.output,
            resume: arguments.resume,
            stop: &stop,
            progress: &mut *globals.training_progress("events"),
            watcher: &mut watch,
        },
    )?;
    let Some(model) = report.model else {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({})",
            arguments.output.display()
        ));
        return Ok(Outcome::SomeFailed);
    };
    let summary = report.training;
    if summary.outcome == TrainingOutcome::StoppedEarly {
        globals.note("stopped early: the validation accuracy no longer grew");
    }
    let page = arguments.output.join("report.html");
    if globals.json {
        println!(
            "{}",
            serde_json::json!({
                "model": model,
                "report": page,
                "epochs": summary.epochs,
                "best_epoch": summary.best.map(|(epoch, _)| epoch),
                "best_validation_accuracy": summary.best.map(|(_, accuracy)| accuracy),
            })
        );
    } else {
        if let Some((epoch, accuracy)) = summary.best {
            println!(
                "best validation accuracy {:.1} % (epoch {epoch})",
                100.0 * accuracy
            );
        }
        println!("model   {}", model.display());
        println!("report  {}", page.display());
    }
    Ok(watch.outcome())
}

impl TrainArguments {
    /// The settings: flags over `--config` (or, on `--resume`, what the run was
    /// started with) over defaults.
    fn settings(&self, globals: &Globals) -> Result<FlavorConfig, Box<dyn std::error::Error>> {
        let stored = self.output.join("config.toml");
        let mut config = match &self.config {
            Some(path) => FlavorConfig::read(path)?,
            None if self.resume && stored.exists() => FlavorConfig::read(&stored)?,
            None => FlavorConfig::new(Vec::new(), Architecture::default()),
        };
        if !self.classes.is_empty() {
            config.train.clone_from(&self.classes);
        }
        if !self.validation.is_empty() {
            config.validation.clone_from(&self.validation);
        }
        config.strict |= self.strict;
        if let Some(name) = self.model
            && Architecture::from(name) != config.model.architecture
        {
            config.model = ModelConfig::new(name.into());
            config.lost_tracks = FlavorConfig::new(Vec::new(), name.into()).lost_tracks;
        }
        self.check_options_of(config.model.architecture)?;
        set(&mut config.lost_tracks, &self.lost_tracks);
        let model = &mut config.model;
        set(&mut model.width, &self.width);
        set(&mut model.layers, &self.layers);
        set(&mut model.heads, &self.heads);
        set(&mut model.tracks, &self.tracks);
        set(&mut model.pair_inputs, &self.pairs.map(PairInputs::from));
        model.shared_track_net &= !self.plain;
        set(&mut model.dropout, &self.dropout);
        let training = &mut config.training;
        set(&mut training.seed, &globals.seed);
        set(&mut training.epochs, &self.epochs);
        set(&mut training.batch_size, &self.batch_size);
        set(&mut training.early_stopping.patience, &self.patience);
        let optimiser = &mut training.optimiser;
        optimiser.learning_rate = self.learning_rate.or(optimiser.learning_rate);
        optimiser.weight_decay = self.weight_decay.or(optimiser.weight_decay);
        Ok(config)
    }

    /// Refuses options that a tagger of this kind has no use for.
    fn check_options_of(&self, architecture: Architecture) -> Result<(), String> {
        let options = [
            ("--heads", self.heads.is_some(), Architecture::Attention),
            ("--pairs", self.pairs.is_some(), Architecture::Attention),
            ("--tracks", self.tracks.is_some(), Architecture::Dense),
            ("--plain", self.plain, Architecture::Dense),
        ];
        match options
            .iter()
            .find(|(_, given, of)| *given && *of != architecture)
        {
            None => Ok(()),
            Some((option, _, of)) => Err(format!(
                "{option} says nothing to {}; leave it out or train with --model {}",
                architecture.name(),
                of.name()
            )),
        }
    }
}
