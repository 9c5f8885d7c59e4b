use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_files::counted;
use artkg_flavor::tuning::{FlavorTrials, TrialOptions, default_parameters};
use artkg_flavor::{Architecture, ClassFile, Fault, FileSummary, FlavorConfig, ReadWatcher};
use artkg_train::{RunConfig, RunObjective, full_parameters};
use artkg_tune::{Description, ReportOptions};
use clap::Args;

use super::train::ModelName;
use crate::commands::study::{StudyArguments, Subject, search};
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals};
use crate::terminal::training::TrialTerminal;

/// The options of `artkg flavor tune`.
#[derive(Args)]
pub(crate) struct TuneArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Training events: CLASS=FILE, or @LIST=FILE with a list of classes; repeated for each file
    #[arg(long = "class", value_name = "CLASS=FILE")]
    classes: Vec<ClassFile>,
    /// Validation events, given the same way; a tenth of the training events when not given
    #[arg(long, value_name = "CLASS=FILE")]
    validation: Vec<ClassFile>,
    /// Settings that all trials share, such as the config.toml of a run
    #[arg(long)]
    config: Option<PathBuf>,
    #[arg(long, value_enum, help = with_default(
        "Kind of tagger",
        Architecture::default().name(),
    ))]
    model: Option<ModelName>,
    /// Passes over the training events in each trial
    #[arg(long)]
    epochs: Option<usize>,
}

pub(super) fn run(arguments: &TuneArguments, globals: &Globals) -> CommandResult {
    let stored = arguments.study.stored()?;
    let config = arguments.base(stored.as_ref(), globals)?;
    config.check()?;
    let parameters = match &stored {
        _ if !arguments.study.parameters.is_empty() => {
            full_parameters(&config, arguments.study.parameters.clone())?
        }
        Some(stored) => stored.parameters.parameters().to_vec(),
        None => default_parameters(&config)?,
    };
    let stopping = &config.training.early_stopping;
    let subject = Subject {
        metric: stopping.metric.clone(),
        direction: stopping.goal.into(),
        parameters,
        settings: toml::Table::from_iter([("config".to_owned(), toml::Value::try_from(&config)?)]),
    };
    let description = arguments
        .study
        .description(subject, stored.as_ref(), globals)?;
    let options = ReportOptions {
        title: "Search for settings of a flavour tagger".to_owned(),
        note: String::new(),
        advice: format!(
            "artkg flavor train --config {} --output RUN trains with the best settings.",
            arguments.study.output.join("best.toml").display()
        ),
    };
    let session = globals.training_session("events")?;
    let bar = globals.progress_bar(0, "steps");
    let space = description.parameters.clone();
    search::<FlavorConfig>(
        &arguments.study,
        description,
        &options,
        &mut |folder: &Path| {
            let terminal = TrialTerminal::new(bar.clone(), globals.quiet);
            let trial = TrialOptions {
                session: session.watched_by(Arc::new(terminal)),
                watcher: Box::new(Once::default()),
            };
            let trials = FlavorTrials::new(config.clone(), trial);
            Ok(Box::new(RunObjective::new(trials, folder, &space)?))
        },
        &bar,
        globals,
    )
}

/// Reports malformed events when the files are read for the first time.
#[derive(Default)]
struct Once(std::collections::BTreeSet<PathBuf>);

impl ReadWatcher for Once {
    fn fault(&mut self, _: &Fault) {}

    fn file(&mut self, path: &Path, summary: FileSummary) {
        if self.0.insert(path.to_path_buf()) && summary.skipped > 0 {
            let events = summary.events + summary.skipped;
            errln!(
                "{}: left out {} of {}; `artkg flavor check` lists why",
                path.display(),
                summary.skipped,
                counted(events, "event")
            );
        }
    }
}

impl TuneArguments {
    /// The settings that all trials share: those given, or those that a resumed
    /// study was started with.
    fn base(
        &self,
        stored: Option<&Description>,
        globals: &Globals,
    ) -> Result<FlavorConfig, Box<dyn std::error::Error>> {
        let stored = stored.and_then(|stored| stored.settings.get("config"));
        let architecture = self.model.map(Architecture::from);
        let mut config = match (&self.config, stored) {
            (Some(path), _) => FlavorConfig::read(path)?,
            (None, Some(stored)) => stored.clone().try_into()?,
            (None, None) => FlavorConfig::new(Vec::new(), architecture.unwrap_or_default()),
        };
        if let Some(architecture) = architecture
            && architecture != config.model.architecture
        {
            let usual = FlavorConfig::new(Vec::new(), architecture);
            (config.model, config.lost_tracks) = (usual.model, usual.lost_tracks);
        }
        if !self.classes.is_empty() {
            config.train.clone_from(&self.classes);
        }
        if !self.validation.is_empty() {
            config.validation.clone_from(&self.validation);
        }
        if let Some(epochs) = self.epochs {
            config.training.epochs = epochs;
        }
        if let Some(seed) = globals.seed {
            config.training.seed = seed;
        }
        Ok(config)
    }
}
