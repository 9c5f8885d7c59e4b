//! Search for good settings of a tagger. A parameter is a dotted key of the
//! run's configuration; each trial is a training run.

use std::path::Path;

use artkg_session::Session;
use artkg_train::{RunOptions, Summary, Trials, full_parameters};
use artkg_tune::{Assignment, Outcome, Parameter};

use crate::config::FlavorConfig;
use crate::dataset::ReadWatcher;
use crate::error::{Error, Result};
use crate::models::Architecture;
use crate::run::{MODEL_FILE, train};

/// What trials need beside their configuration.
pub struct TrialOptions {
    /// Threads, device, stop, and who is told of the runs' progress.
    pub session: Session,
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
        .filter(|width| config.model.architecture != Architecture::Attention || width % heads == 0)
        .map(|width| width.to_string())
        .collect();
    let mut texts = vec![
        "learning_rate=1e-4..0.02:log".to_owned(),
        "weight_decay=1e-4..0.1:log".to_owned(),
        "dropout=0..0.4".to_owned(),
    ];
    if config.model.architecture != Architecture::Classical {
        texts.push("lost_tracks=0..0.3".to_owned());
    }
    if widths.len() > 1 {
        texts.push(format!("width={}", widths.join(",")));
    }
    let parameters: artkg_tune::Result<Vec<Parameter>> =
        texts.iter().map(|text| text.parse()).collect();
    Ok(full_parameters(config, parameters?)?)
}

/// Training runs of taggers, for a [`artkg_train::RunObjective`].
pub struct FlavorTrials {
    base: FlavorConfig,
    options: TrialOptions,
}

impl FlavorTrials {
    /// Runs that start from `base`.
    pub fn new(base: FlavorConfig, options: TrialOptions) -> Self {
        Self { base, options }
    }
}

impl Trials for FlavorTrials {
    type Config = FlavorConfig;
    type Error = Error;
    const MODEL_FILE: &'static str = MODEL_FILE;

    fn base(&self) -> &FlavorConfig {
        &self.base
    }

    fn train(
        &mut self,
        config: &FlavorConfig,
        _: &Assignment,
        folder: &Path,
        resume: bool,
    ) -> Result<Option<Summary>> {
        let options = RunOptions {
            folder,
            resume,
            session: &self.options.session,
        };
        Ok(train(config, options, &mut *self.options.watcher)?.training)
    }

    fn outcome(error: &Error) -> Option<Outcome> {
        match error {
            Error::Training(error) => error.trial_outcome(),
            Error::Setting { .. }
            | Error::Heads { .. }
            | Error::MemoryLimit
            | Error::TooFewEvents(_)
            | Error::Diverged => Some(Outcome::Failed {
                reason: error.to_string(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use artkg_train::{RunConfig, RunObjective};
    use artkg_tune::{Space, set_key};

    use super::*;
    use crate::class::ClassFile;
    use crate::reading::{Fault, FileSummary};

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
                    let mut config = toml::Table::try_from(&config).unwrap();
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
            fn fault(&mut self, _: &Fault) {}
            fn file(&mut self, _: &Path, _: FileSummary) {}
        }
        for (parameter, expected) in [
            ("model.widht=32,64", "widht"),
            ("model.width=0.5..2", "model.width"),
            ("lost_tracks=1..3", "lost_tracks = 2"),
        ] {
            let space = Space::new(vec![parameter.parse().unwrap()]).unwrap();
            let options = TrialOptions {
                session: Session::silent(1),
                watcher: Box::new(Deaf),
            };
            let trials = FlavorTrials::new(config(Architecture::Sets), options);
            let refused = RunObjective::new(trials, "study", &space).err();
            let message = refused.expect(parameter).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
