use std::path::PathBuf;

use artkg_flavor::features::PairInputs;
use artkg_flavor::{Architecture, ClassFile, FlavorConfig, ModelConfig};
use artkg_train::{Outcome as TrainingOutcome, RunConfig, RunOptions};
use clap::{Args, ValueEnum};

use super::watch::Watch;
use crate::defaults::{by_name, number, with_default, word};
use crate::given::set;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg flavor train`. What is not given comes from `--config`,
/// else from the defaults.
#[derive(Args)]
pub(crate) struct TrainArguments {
    /// Training events: CLASS=FILE, or @LIST=FILE with a list of classes; repeated for each file
    #[arg(long = "class", value_name = "CLASS=FILE")]
    classes: Vec<ClassFile>,
    /// Validation events, given the same way; a tenth of the training events when not given
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
    #[arg(long, value_enum, help = with_default(
        "Kind of tagger",
        Architecture::default().name(),
    ))]
    model: Option<ModelName>,
    #[arg(long, help = with_default(
        "Outputs of each hidden layer",
        by_architecture(|config| config.model.width),
    ))]
    width: Option<usize>,
    #[arg(long, help = with_default(
        "Layers of the net for a track, or blocks of attention",
        by_architecture(|config| config.model.layers),
    ))]
    layers: Option<usize>,
    #[arg(long, help = with_default(
        "Heads of attention",
        by_architecture(|config| config.model.heads),
    ))]
    heads: Option<usize>,
    #[arg(long, value_enum, help = with_default(
        "What attention learns about each pair of tracks",
        word::<PairName, _>(ModelConfig::default().pair_inputs),
    ))]
    pairs: Option<PairName>,
    #[arg(long, help = with_default(
        "Tracks that the padded dense net sees",
        by_architecture(|config| config.model.tracks),
    ))]
    tracks: Option<usize>,
    /// Give the padded dense net the tracks' raw inputs, without the net that all tracks share
    #[arg(long)]
    plain: bool,
    #[arg(long, help = with_default(
        "Share of the values dropped in training",
        by_architecture(|config| config.model.dropout),
    ))]
    dropout: Option<f32>,
    #[arg(long, help = with_default(
        "Share of the tracks that training leaves out, at random",
        by_architecture(|config| config.lost_tracks),
    ))]
    lost_tracks: Option<f64>,
    #[arg(long, help = with_default(
        "Passes over the training events",
        by_architecture(|config| config.training.epochs),
    ))]
    epochs: Option<usize>,
    #[arg(long, help = with_default(
        "Events in a step",
        by_architecture(|config| config.training.batch_size),
    ))]
    batch_size: Option<usize>,
    #[arg(long, help = with_default(
        "Learning rate",
        by_architecture(|config| number(config.training.optimiser.learning_rate)),
    ))]
    learning_rate: Option<f64>,
    #[arg(long, help = with_default(
        "Weight decay",
        by_architecture(|config| number(config.training.optimiser.weight_decay)),
    ))]
    weight_decay: Option<f64>,
    /// End the run after this many epochs without a better validation accuracy; never when not given
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

/// The default of a setting by kind of tagger, for help texts.
fn by_architecture<Value: ToString>(setting: impl Fn(&FlavorConfig) -> Value) -> String {
    by_name(Architecture::ALL.map(|architecture| {
        let config = FlavorConfig::new(Vec::new(), architecture);
        (architecture.name(), Some(setting(&config).to_string()))
    }))
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
    let session = globals.training_session("events")?;
    let mut watch = Watch::new(globals);
    let report = artkg_flavor::train(
        &config,
        RunOptions {
            folder: &arguments.output,
            resume: arguments.resume,
            session: &session,
        },
        &mut watch,
    )?;
    let (Some(summary), Some(model)) = (report.training, report.model) else {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({})",
            arguments.output.display()
        ));
        return Ok(Outcome::SomeFailed);
    };
    if summary.outcome == TrainingOutcome::StoppedEarly {
        globals.note("stopped early: the validation accuracy no longer grew");
    }
    let page = arguments.output.join("report.html");
    if globals.json {
        stdout::json_line(&serde_json::json!({
            "model": model,
            "report": page,
            "epochs": summary.epochs,
            "best_epoch": summary.best.map(|(epoch, _)| epoch),
            "best_validation_accuracy": summary.best.map(|(_, accuracy)| accuracy),
        }))?;
    } else {
        if let Some((epoch, accuracy)) = summary.best {
            outln!(
                "best validation accuracy {:.1} % (epoch {epoch})",
                100.0 * accuracy
            );
        }
        outln!("model   {}", model.display());
        outln!("report  {}", page.display());
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
        set(&mut optimiser.learning_rate, &self.learning_rate);
        set(&mut optimiser.weight_decay, &self.weight_decay);
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
                "{option} does not apply to {}; leave it out or train with --model {}",
                architecture.name(),
                of.name()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn settings(line: &str) -> Result<FlavorConfig, String> {
        let command = Globals::augment_args(Command::new("train"));
        let matches = TrainArguments::augment_args(command)
            .try_get_matches_from(format!("train {line}").split_whitespace())
            .unwrap();
        let globals = Globals::from_arg_matches(&matches).unwrap();
        let arguments = TrainArguments::from_arg_matches(&matches).unwrap();
        arguments
            .settings(&globals)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_of_tagger_has_its_own_defaults() {
        let usual = |architecture| FlavorConfig::new(Vec::new(), architecture);
        assert_eq!(settings("").unwrap(), usual(Architecture::Sets));
        let dense = settings("--model dense").unwrap();
        assert_eq!(dense, usual(Architecture::Dense));
        let dense = settings("--model dense --plain --lost-tracks 0.4").unwrap();
        assert!(!dense.model.shared_track_net);
        assert_eq!(dense.lost_tracks, 0.4);
    }

    #[test]
    fn options_of_another_kind_are_refused() {
        for (line, option, kind) in [
            ("--heads 3", "--heads", "attention"),
            ("--model dense --pairs none", "--pairs", "attention"),
            ("--model attention --plain", "--plain", "dense"),
            ("--tracks 20", "--tracks", "dense"),
        ] {
            let message = settings(line).unwrap_err();
            assert!(message.starts_with(option), "{message}");
            assert!(message.ends_with(&format!("--model {kind}")), "{message}");
        }
    }
}
