//! Training runs as trials of a study: what differs between them, where they lie,
//! what their end means.

use std::path::{Path, PathBuf};

use artkg_tune::{
    Assignment, BoxError, Direction, Evaluation, Objective, Outcome, Parameter, Space, Value,
    flat_keys, full_key, set_key,
};
use serde::Serialize;
use toml::Table;

use crate::config::{Mode, OptimiserKind};
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
        for (key, value) in parameters {
            if self.trials.is_setting(key) {
                set_key(&mut table, key, value)?;
            }
        }
        table.try_into().map_err(unusable)
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
            | Self::Checkpoint { .. }
            | Self::Frozen(_)
            | Self::Optimiser { .. }
            | Self::UnwritableSettings(_)
            | Self::Tuning(_)
            | Self::Report(_) => None,
            Self::Setting { .. }
            | Self::NotOfOptimiser { .. }
            | Self::UnusableSettings(_)
            | Self::Parameter { .. }
            | Self::Memory(_)
            | Self::UnknownMetric { .. }
            | Self::UnknownGroup { .. }
            | Self::Model { .. }
            | Self::Engine(_) => Some(Outcome::Failed { reason }),
        }
    }
}

impl From<Mode> for Direction {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Max => Self::Maximise,
            Mode::Min => Self::Minimise,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::config::TrainingConfig;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        width: usize,
        training: TrainingConfig,
    }

    impl RunConfig for Settings {
        type Error = Error;

        fn check(&self) -> Result<()> {
            self.training.check()
        }

        fn training(&self) -> &TrainingConfig {
            &self.training
        }

        fn training_mut(&mut self) -> &mut TrainingConfig {
            &mut self.training
        }
    }

    /// Trials that note what they are asked for and end as they are told.
    struct Noted {
        base: Settings,
        asked: Vec<(Settings, bool)>,
        end: fn() -> Result<Option<Summary>>,
    }

    impl Trials for Noted {
        type Config = Settings;
        type Error = Error;
        const MODEL_FILE: &'static str = "model";

        fn base(&self) -> &Settings {
            &self.base
        }

        fn is_setting(&self, name: &str) -> bool {
            name != "twice"
        }

        fn apply(&self, config: &mut Settings, parameters: &Assignment) -> Result<()> {
            if let Some(Value::Integer(value)) = parameters.get("twice") {
                config.width = 2 * *value as usize;
            }
            Ok(())
        }

        fn train(
            &mut self,
            config: &Settings,
            _: &Assignment,
            folder: &Path,
            resume: bool,
        ) -> Result<Option<Summary>> {
            self.asked.push((config.clone(), resume));
            artkg_files::write_bytes(&folder.join("config.toml"), b"")?;
            artkg_files::write_bytes(&folder.join("model"), b"")?;
            (self.end)()
        }

        fn outcome(error: &Error) -> Option<Outcome> {
            error.trial_outcome()
        }
    }

    fn objective(
        study: &Path,
        parameters: &[&str],
        end: fn() -> Result<Option<Summary>>,
    ) -> Result<RunObjective<Noted>> {
        let parameters = parameters.iter().map(|text| text.parse().unwrap());
        let base = Settings {
            width: 8,
            training: TrainingConfig::default(),
        };
        let parameters = full_parameters(&base, parameters)?;
        let trials = Noted {
            base,
            asked: Vec::new(),
            end,
        };
        RunObjective::new(trials, study, &Space::new(parameters)?)
    }

    fn summary(outcome: training::Outcome, best: Option<(usize, f64)>) -> Summary {
        Summary {
            outcome,
            epochs: 3,
            steps: 0,
            best,
            validation: None,
        }
    }

    fn finished() -> Result<Option<Summary>> {
        Ok(Some(summary(training::Outcome::Finished, Some((2, 0.5)))))
    }

    #[test]
    fn a_trial_is_a_run_with_its_parameters_in_its_folder() {
        let study = tempfile::tempdir().unwrap();
        let space = ["learning_rate=0.1..0.2", "twice=1..9:int"];
        let mut objective = objective(study.path(), &space, finished).unwrap();
        let parameters = Assignment::from([
            (
                "training.optimiser.learning_rate".to_owned(),
                Value::Number(0.125),
            ),
            ("twice".to_owned(), Value::Integer(7)),
        ]);
        let ended = Evaluation::Ended(Outcome::Finished { value: 0.5 });
        // The second time there is something to resume.
        for resume in [false, true] {
            assert_eq!(objective.evaluate(3, &parameters).unwrap(), ended);
            let (settings, resumed) = objective.trials.asked.pop().unwrap();
            assert_eq!((settings.width, resumed), (14, resume));
            let written = objective.settings(&parameters).unwrap();
            assert_eq!(written, Table::try_from(&settings).unwrap());
            let rate = written["training"]["optimiser"]["learning_rate"].as_float();
            assert_eq!(rate, Some(0.125));
        }
        let folder = study.path().join("trials/0003");
        assert!(folder.join("model").exists());
        objective.discard(3).unwrap();
        assert!(!folder.join("model").exists() && folder.join("config.toml").exists());
    }

    #[test]
    fn errors_of_a_trial_end_it_or_the_study() {
        let study = tempfile::tempdir().unwrap();
        let evaluate = |end| {
            let objective = objective(study.path(), &["width=1..9:int"], end);
            objective.unwrap().evaluate(1, &Assignment::new())
        };
        assert_eq!(evaluate(|| Ok(None)).unwrap(), Evaluation::Interrupted);
        let failed = evaluate(|| {
            Err(Error::UnknownMetric {
                metric: "f1".to_owned(),
                known: Vec::new(),
            })
        });
        assert!(matches!(
            failed.unwrap(),
            Evaluation::Ended(Outcome::Failed { .. })
        ));
        let message = evaluate(|| Err(Error::Busy(PathBuf::from("run"))));
        assert!(message.unwrap_err().to_string().contains("run"));
    }

    #[test]
    fn each_optimiser_of_a_search_has_its_own_settings() {
        let space = ["training.optimiser.kind=sgd,adamw", "beta1=0.8..0.9"];
        let base = TrainingConfig::default().optimiser;
        // The first of them has no beta.
        assert!(objective(Path::new("study"), &space, finished).is_err());
        let objective = objective(Path::new("study"), &space[..1], finished).unwrap();
        for kind in [OptimiserKind::Sgd, OptimiserKind::AdamW] {
            let value = Value::Text(kind.name().to_owned());
            let config = objective.config(&Assignment::from([(OPTIMISER_KIND.to_owned(), value)]));
            assert_eq!(config.unwrap().training.optimiser, base.with_kind(kind));
        }
    }

    #[test]
    fn parameters_that_no_run_has_are_refused_at_once() {
        for (parameter, expected) in [
            ("widht=1..9:int", "widht"),
            ("width=0.25..1.5", "parameter width=0.25..1.5"),
            ("momentum=0..2", "momentum = 1"),
        ] {
            let refused = objective(Path::new("study"), &[parameter], finished).err();
            let message = refused.expect(parameter).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn the_end_of_a_run_is_an_evaluation() {
        let finished = evaluation(&summary(training::Outcome::StoppedEarly, Some((2, 0.5))));
        let expected = Evaluation::Ended(Outcome::Finished { value: 0.5 });
        assert_eq!(finished, expected);
        let interrupted = evaluation(&summary(training::Outcome::Interrupted, Some((2, 0.5))));
        assert_eq!(interrupted, Evaluation::Interrupted);
        let without = evaluation(&summary(training::Outcome::Finished, None));
        assert!(matches!(
            without,
            Evaluation::Ended(Outcome::Diverged { .. })
        ));
    }

    #[test]
    fn errors_of_settings_are_outcomes_and_errors_of_files_are_not() {
        let error = Error::Setting {
            key: "epochs",
            value: "0".to_owned(),
            allowed: "1 or more".to_owned(),
        };
        let outcome = error.trial_outcome();
        assert!(matches!(outcome, Some(Outcome::Failed { reason }) if reason.contains("epochs")));
        assert_eq!(Error::Busy(PathBuf::from("run")).trial_outcome(), None);
    }

    #[test]
    fn discarding_leaves_the_records() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for file in ["checkpoints/last.safetensors", "model", "metrics.jsonl"] {
            artkg_files::write_bytes(&folder.join(file), b"x").unwrap();
        }
        for _ in 0..2 {
            discard(folder, "model").unwrap();
        }
        let left: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "metrics.jsonl");
    }
}
