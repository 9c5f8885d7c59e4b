//! Search for good settings of a tagger. A parameter is a dotted key of the
//! run's configuration; each trial is a training run.

use std::path::PathBuf;

use artkg_train::{
    Progress, RunConfig, RunOptions, StopFlag, discard_trial, is_begun, trial_evaluation,
    trial_folder,
};
use artkg_tune::{
    Assignment, BoxError, Evaluation, Objective, Outcome, Parameter, Space, flat_keys, full_key,
    set_key,
};

use crate::{Error, FlavorConfig, MODEL_FILE, ReadWatcher, Result, train};

/// What trials need beside their configuration.
pub struct TrialOptions {
    /// The folder of the study, below which the runs lie.
    pub study: PathBuf,
    /// Ends the study early.
    pub stop: StopFlag,
    /// Receives the progress of epochs and steps.
    pub progress: Box<dyn Progress>,
    /// Receives the files read and their malformed lines, in each trial.
    pub watcher: Box<dyn ReadWatcher>,
}

/// What is worth searching when nothing is said: learning rate, weight decay,
/// dropout, tracks left out and the width of the layers.
///
/// # Errors
/// None for a configuration that can be written.
pub fn default_parameters(config: &FlavorConfig) -> Result<Vec<Parameter>> {
    let heads = config.model.heads;
    let widths: Vec<String> = [32, 64, 96, 128, 192]
        .into_iter()
        // Attention divides the width among its heads.
        .filter(|width| {
            config.model.architecture != crate::Architecture::Attention || width % heads == 0
        })
        .map(|width| width.to_string())
        .collect();
    let mut texts = vec![
        "learning_rate=1e-4..0.02:log".to_owned(),
        "weight_decay=1e-4..0.1:log".to_owned(),
        "dropout=0..0.4".to_owned(),
    ];
    if config.model.architecture != crate::Architecture::Classical {
        texts.push("lost_tracks=0..0.3".to_owned());
    }
    if widths.len() > 1 {
        texts.push(format!("width={}", widths.join(",")));
    }
    let parameters: artkg_tune::Result<_> = texts.iter().map(|text| text.parse()).collect();
    full_parameters(config, parameters?)
}

/// The parameters with their names written out: `learning_rate` becomes
/// `training.optimiser.learning_rate`.
///
/// # Errors
/// A name that may be several keys.
pub fn full_parameters(
    config: &FlavorConfig,
    parameters: Vec<Parameter>,
) -> Result<Vec<Parameter>> {
    let mut complete = config.clone();
    complete.training.optimiser = complete.training.optimiser.completed();
    let keys = flat_keys(&table(&complete)?);
    let full = |mut parameter: Parameter| -> Result<Parameter> {
        parameter.name = full_key(&parameter.name, keys.iter().map(|(key, _)| key.as_str()))?;
        Ok(parameter)
    };
    parameters.into_iter().map(full).collect()
}

fn table(config: &FlavorConfig) -> Result<toml::Table> {
    toml::Table::try_from(config)
        .map_err(|error| Error::Usage(format!("the settings cannot be written: {error}")))
}

/// Training runs that differ in their parameters.
pub struct FlavorObjective {
    base: FlavorConfig,
    options: TrialOptions,
}

impl FlavorObjective {
    /// Runs that start from `base`, with parameters of `space`.
    ///
    /// # Errors
    /// When `base` makes no sense or does not have one of the parameters.
    pub fn new(base: FlavorConfig, space: &Space, options: TrialOptions) -> Result<Self> {
        let objective = Self { base, options };
        for parameter in space.parameters() {
            let value = parameter.range.middle();
            let config = objective.config(&Assignment::from([(parameter.name.clone(), value)]));
            let checked = config.and_then(|config| config.check());
            checked.map_err(|error| Error::Usage(format!("parameter {parameter}: {error}")))?;
        }
        Ok(objective)
    }

    /// The configuration of a run with `parameters`.
    ///
    /// # Errors
    /// When there is no such key, or it takes no such value.
    pub fn config(&self, parameters: &Assignment) -> Result<FlavorConfig> {
        let mut table = table(&self.base)?;
        for (key, value) in parameters {
            set_key(&mut table, key, value)?;
        }
        table
            .try_into()
            .map_err(|error| Error::Usage(format!("these settings cannot be used: {error}")))
    }

    fn folder(&self, number: usize) -> PathBuf {
        trial_folder(&self.options.study, number)
    }

    fn run(&mut self, number: usize, parameters: &Assignment) -> Result<Evaluation> {
        let config = self.config(parameters)?;
        let folder = self.folder(number);
        let report = train(
            &config,
            RunOptions {
                folder: &folder,
                resume: is_begun(&folder),
                stop: &self.options.stop,
                progress: &mut *self.options.progress,
            },
            &mut *self.options.watcher,
        )?;
        Ok(match &report.training {
            Some(summary) => trial_evaluation(summary),
            None => Evaluation::Interrupted,
        })
    }
}

impl Objective for FlavorObjective {
    fn evaluate(
        &mut self,
        number: usize,
        parameters: &Assignment,
    ) -> std::result::Result<Evaluation, BoxError> {
        self.run(number, parameters).or_else(|error| {
            let outcome = match &error {
                Error::Training(error) => error.trial_outcome(),
                Error::Usage(reason) => Some(Outcome::Failed {
                    reason: reason.clone(),
                }),
                _ => None,
            };
            outcome.map(Evaluation::Ended).ok_or_else(|| error.into())
        })
    }

    fn settings(&self, parameters: &Assignment) -> std::result::Result<toml::Table, BoxError> {
        Ok(table(&self.config(parameters)?)?)
    }

    fn discard(&mut self, number: usize) -> std::result::Result<(), BoxError> {
        Ok(discard_trial(&self.folder(number), MODEL_FILE)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Architecture, ClassFile};

    fn config(architecture: Architecture) -> FlavorConfig {
        let file: ClassFile = "bb=bb.txt".parse().unwrap();
        FlavorConfig::new(vec![file], architecture)
    }

    #[test]
    fn the_default_space_fits_every_tagger() {
        for architecture in Architecture::ALL {
            let config = config(architecture);
            let parameters = default_parameters(&config).unwrap();
            assert!(parameters.len() >= 4);
            let keys: Vec<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(keys[0], "training.optimiser.learning_rate");
            assert!(keys.contains(&"model.width"), "{keys:?}");
            for parameter in &parameters {
                let artkg_tune::Range::Choice(values) = &parameter.range else {
                    continue;
                };
                for value in values {
                    let mut config = table(&config).unwrap();
                    set_key(&mut config, &parameter.name, value).unwrap();
                    let config: FlavorConfig = config.try_into().unwrap();
                    config.check().unwrap();
                }
            }
        }
    }

    #[test]
    fn parameters_that_no_run_has_are_refused_at_once() {
        struct Deaf;
        impl ReadWatcher for Deaf {
            fn fault(&mut self, _: &crate::Fault) {}
            fn file(&mut self, _: &std::path::Path, _: crate::FileSummary) {}
        }
        for (parameter, expected) in [
            ("model.widht=32,64", "widht"),
            ("model.width=0.5..2", "model.width"),
            ("lost_tracks=1..3", "lost_tracks = 2"),
        ] {
            let space = Space::new(vec![parameter.parse().unwrap()]).unwrap();
            let options = TrialOptions {
                study: "study".into(),
                stop: StopFlag::new(),
                progress: Box::new(artkg_train::Silent),
                watcher: Box::new(Deaf),
            };
            let refused = FlavorObjective::new(config(Architecture::Sets), &space, options).err();
            let message = refused.expect(parameter).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
