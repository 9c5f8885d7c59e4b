//! Training runs as trials of a study: what differs between them, where they lie,
//! what their end means.

use std::path::{Path, PathBuf};

use artkg_tune::{
    Assignment, BoxError, Direction, Evaluation, Objective, Outcome, Parameter, Space, Value,
    flat_keys, full_key, set_key,
};
use serde::Serialize;
use toml::Table;

use crate::config::{Goal, OptimiserKind};
use crate::error::{Error, Result};
use crate::run::RunConfig;
use crate::run_folder::is_begun;
use crate::training::{self, Summary};

/// The key of the rule of the optimiser, whose other settings depend on it.
const OPTIMISER_KIND: &str = "training.optimiser.kind";

/// Runs of one kind that differ in their parameters. A parameter is a dotted key of
/// the run's configuration, unless [`Trials::is_setting`] knows better.
pub trait Trials {
    /// The configuration of a run.
    type Config: RunConfig<Error = Self::Error>;
    /// What can go wrong in one.
    type Error: From<Error> + Into<BoxError>;

    /// The model file of a run folder.
    const MODEL_FILE: &'static str;

    /// The settings that all trials start from.
    fn base(&self) -> &Self::Config;

    /// Whether the parameter `name` is a key of the configuration.
    fn is_setting(&self, _name: &str) -> bool {
        true
    }

    /// Applies the parameters that are no keys of the configuration.
    ///
    /// # Errors
    /// When there is no such parameter, or it takes no such value.
    fn apply(
        &self,
        _config: &mut Self::Config,
        _parameters: &Assignment,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Trains in `folder`, which is taken up again with `resume`. Returns how training
    /// ended; `None` when it was stopped before it began.
    ///
    /// # Errors
    /// Those of the run.
    fn train(
        &mut self,
        config: &Self::Config,
        parameters: &Assignment,
        folder: &Path,
        resume: bool,
    ) -> Result<Option<Summary>, Self::Error>;

    /// What an error makes of its trial, where it is due to the settings; `None` where
    /// it has to do with files or the machine, which ends the study.
    fn outcome(error: &Self::Error) -> Option<Outcome>;
}

/// The objective of a study whose trials are training runs: each has its folder below
/// that of the study, and its value is the best value of the deciding metric.
pub struct RunObjective<T> {
    trials: T,
    study: PathBuf,
}

impl<T: Trials> RunObjective<T> {
    /// The objective of the study in the folder `study`, which searches `space`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for one that the configuration does not have or that
    /// takes no such value.
    pub fn new(trials: T, study: impl Into<PathBuf>, space: &Space) -> Result<Self, T::Error> {
        let objective = Self {
            trials,
            study: study.into(),
        };
        // Each alone, so that the message can name it.
        for parameter in space.parameters() {
            let value = parameter.range.middle();
            let config = objective.config(&Assignment::from([(parameter.name.clone(), value)]));
            let checked = config.and_then(|config| config.check());
            checked.map_err(|source| Error::Parameter {
                parameter: parameter.to_string(),
                source: source.into(),
            })?;
        }
        Ok(objective)
    }

    /// The configuration of a run with `parameters`.
    ///
    /// # Errors
    /// When there is no such key, or it takes no such value.
    pub fn config(&self, parameters: &Assignment) -> Result<T::Config, T::Error> {
        let mut config = self.set_keys(parameters)?;
        self.trials.apply(&mut config, parameters)?;
        Ok(config)
    }

    fn set_keys(&self, parameters: &Assignment) -> Result<T::Config> {
        let mut base = self.trials.base().clone();
        if let Some(Value::Text(kind)) = parameters.get(OPTIMISER_KIND) {
            // Else the present rule's settings would stand in the way of another's.
            let kind = toml::Value::from(kind.as_str());
            let kind: OptimiserKind = kind.try_into().map_err(unusable)?;
            let optimiser = &mut base.training_mut().optimiser;
            *optimiser = optimiser.with_kind(kind);
        }
        let mut table = table(&base)?;
        let mut settings = parameters.clone();
        settings.retain(|key, _| self.trials.is_setting(key));
        for (key, value) in &settings {
            set_key(&mut table, key, value)?;
        }
        let config = table.try_into().map_err(unusable)?;
        let known = flat_keys(&self::table(&config)?);
        let is_known = |key: &String| known.iter().any(|(known, _)| known == key);
        match settings.into_keys().find(|key| !is_known(key)) {
            // It is passed over: other systems than that of this run have it.
            Some(key) => Err(Error::NoSetting(key)),
            None => Ok(config),
        }
    }

    fn run(&mut self, number: usize, parameters: &Assignment) -> Result<Evaluation, T::Error> {
        let config = self.config(parameters)?;
        let folder = trial_folder(&self.study, number);
        let resume = is_begun(&folder);
        let summary = self.trials.train(&config, parameters, &folder, resume)?;
        Ok(summary.map_or(Evaluation::Interrupted, |summary| evaluation(&summary)))
    }
}

impl<T: Trials> Objective for RunObjective<T> {
    fn evaluate(&mut self, number: usize, parameters: &Assignment) -> Result<Evaluation, BoxError> {
        self.run(number, parameters).or_else(|error| {
            let outcome = T::outcome(&error);
            outcome.map(Evaluation::Ended).ok_or_else(|| error.into())
        })
    }

    fn settings(&self, parameters: &Assignment) -> Result<Table, BoxError> {
        let config = self.config(parameters).map_err(Into::into)?;
        Ok(table(&config)?)
    }

    fn discard(&mut self, number: usize) -> Result<(), BoxError> {
        Ok(discard(&trial_folder(&self.study, number), T::MODEL_FILE)?)
    }
}

/// The parameters with their names written out: `learning_rate` becomes
/// `training.optimiser.learning_rate`. Names that `config` does not have stay.
///
/// # Errors
/// A name that may be several keys.
pub fn full_parameters(
    config: &impl Serialize,
    parameters: impl IntoIterator<Item = Parameter>,
) -> Result<Vec<Parameter>> {
    let keys = flat_keys(&table(config)?);
    let full = |mut parameter: Parameter| {
        parameter.name = full_key(&parameter.name, keys.iter().map(|(key, _)| key.as_str()))?;
        Ok(parameter)
    };
    parameters.into_iter().map(full).collect()
}

fn unusable(error: toml::de::Error) -> Error {
    Error::UnusableSettings(Box::new(error))
}

fn table(config: &impl Serialize) -> Result<Table> {
    Table::try_from(config).map_err(|error| Error::UnwritableSettings(Box::new(error)))
}

fn trial_folder(study: &Path, number: usize) -> PathBuf {
    study.join("trials").join(format!("{number:04}"))
}

/// The result of a trial's run: its best value of the deciding metric.
fn evaluation(summary: &Summary) -> Evaluation {
    match (summary.outcome, summary.best) {
        (training::Outcome::Interrupted, _) => Evaluation::Interrupted,
        (_, Some((_, value))) => Evaluation::Ended(Outcome::Finished { value }),
        (_, None) => Evaluation::Ended(Outcome::Diverged {
            reason: "no epoch had a value of the deciding metric".to_owned(),
        }),
    }
}

/// Removes what a trial that is not the best has left to train on or to use:
/// checkpoints and the `model` file. Its records and report stay.
///
/// # Errors
/// [`Error::File`] where something can't be removed.
fn discard(folder: &Path, model: &str) -> Result<()> {
    let removed = |path: &Path, result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(artkg_files::Error::new("remove", path, error))
        }
        _ => Ok(()),
    };
    let checkpoints = folder.join("checkpoints");
    removed(&checkpoints, std::fs::remove_dir_all(&checkpoints))?;
    let model = folder.join(model);
    removed(&model, std::fs::remove_file(&model))?;
    Ok(())
}

impl Error {
    /// What the error makes of a trial, where it is due to the trial's
    /// settings; `None` where it has to do with files or the machine.
    pub fn trial_outcome(&self) -> Option<Outcome> {
        let reason = self.to_string();
        match self {
            Self::NotFinite { .. } => Some(Outcome::Diverged { reason }),
            Self::File(_)
            | Self::Append { .. }
            | Self::Busy(_)
            | Self::Occupied(_)
            | Self::NoRun(_)
            | Self::Config { .. }
            | Self::Changed { .. }
            | Self::DataChanged { .. }
            | Self::DataRecord { .. }
            | Self::DataFormat { .. }
            | Self::Record { .. }
            | Self::NoCheckpoint { .. }
            | Self::Checkpoint { .. }
            | Self::Frozen(_)
            | Self::Optimiser { .. }
            | Self::UnwritableSettings(_)
            | Self::Tuning(_)
            | Self::Report(_) => None,
            Self::Setting { .. }
            | Self::NotOfOptimiser { .. }
            | Self::UnusableSettings(_)
            | Self::NoSetting(_)
            | Self::Parameter { .. }
            | Self::Memory(_)
            | Self::UnknownMetric { .. }
            | Self::UnknownGroup { .. }
            | Self::Model { .. }
            | Self::Engine(_) => Some(Outcome::Failed { reason }),
        }
    }
}

impl From<Goal> for Direction {
    fn from(goal: Goal) -> Self {
        match goal {
            Goal::Max => Self::Maximise,
            Goal::Min => Self::Minimise,
        }
    }
}

#[cfg(test)]
mod tests;
