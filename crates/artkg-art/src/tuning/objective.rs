use std::path::PathBuf;

use artkg_session::Session;
use artkg_train::{discard_trial, is_begun, trial_evaluation, trial_folder};
use artkg_tune::{Assignment, BoxError, Evaluation, Objective, Outcome, Space, set_key};

use artkg_model::MODEL_FILE;

use super::embedder::{GraphEmbedder, PREFIX};
use crate::config::ArtConfig;
use crate::error::{Error, Result};
use crate::run::{RunOptions, train};

/// What trials need beside their configuration.
pub struct TrialOptions {
    /// The folder of the study, below which the runs lie.
    pub study: PathBuf,
    /// Threads, device, stop, and who is told of the runs' progress.
    pub session: Session,
}

/// Training runs that differ in their parameters.
pub struct ArtObjective {
    base: ArtConfig,
    embedder: Option<GraphEmbedder>,
    options: TrialOptions,
}

impl ArtObjective {
    /// Runs that start from `base`, with parameters of `space`; those of node2vec
    /// need an `embedder`.
    ///
    /// # Errors
    /// When `base` makes no sense or does not have one of the parameters.
    pub fn new(
        base: ArtConfig,
        space: &Space,
        embedder: Option<GraphEmbedder>,
        options: TrialOptions,
    ) -> Result<Self> {
        let objective = Self {
            base,
            embedder,
            options,
        };
        // Each alone, so that the message can name it.
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
    pub fn config(&self, parameters: &Assignment) -> Result<ArtConfig> {
        let unusable = |error: &dyn std::fmt::Display| {
            Error::Usage(format!("these settings cannot be used: {error}"))
        };
        let mut table = toml::Table::try_from(&self.base).map_err(|error| unusable(&error))?;
        for (key, value) in parameters {
            if !key.starts_with(PREFIX) {
                set_key(&mut table, key, value)?;
            }
        }
        let mut config: ArtConfig = table.try_into().map_err(|error| unusable(&error))?;
        if let Some(embedder) = &self.embedder {
            config.embeddings = Some(embedder.path(parameters)?);
        } else if let Some(key) = parameters.keys().find(|key| key.starts_with(PREFIX)) {
            return Err(Error::Usage(format!(
                "{key} embeds the graph anew; pass the graph file with --graph"
            )));
        }
        Ok(config)
    }

    fn run(&mut self, number: usize, parameters: &Assignment) -> Result<Evaluation> {
        let config = self.config(parameters)?;
        if let Some(embedder) = &self.embedder {
            embedder.embed(parameters)?;
        }
        let folder = self.folder(number);
        let options = &self.options;
        let report = train(
            &config,
            RunOptions {
                folder: &folder,
                resume: is_begun(&folder),
                session: &options.session,
            },
        )?;
        Ok(match &report.training {
            Some(summary) => trial_evaluation(summary),
            None => Evaluation::Interrupted,
        })
    }

    fn folder(&self, number: usize) -> PathBuf {
        trial_folder(&self.options.study, number)
    }
}

impl Objective for ArtObjective {
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
        Ok(toml::Table::try_from(self.config(parameters)?)?)
    }

    fn discard(&mut self, number: usize) -> std::result::Result<(), BoxError> {
        Ok(discard_trial(&self.folder(number), MODEL_FILE)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artkg_model::Mode;

    fn objective(parameters: &[&str]) -> Result<ArtObjective> {
        let mut base = ArtConfig::new("corpus");
        base.mode = Mode::Mtl;
        let parameters = parameters
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let options = TrialOptions {
            study: "study".into(),
            session: Session::silent(1),
        };
        ArtObjective::new(base, &Space::new(parameters)?, None, options)
    }

    #[test]
    fn parameters_reach_the_configuration() {
        let space = [
            "training.optimiser.learning_rate=1e-3..1e-1:log",
            "training.batch_size=8..64:int",
            "training.optimiser.kind=sgd,adamw",
        ];
        let objective = objective(&space).unwrap();
        let values = toml::from_str(
            "\"training.optimiser.learning_rate\" = 0.05\n\"training.batch_size\" = 16\n\
             \"training.optimiser.kind\" = \"adamw\"\n",
        );
        let config = objective.config(&values.unwrap()).unwrap();
        assert_eq!(config.training.optimiser.learning_rate, Some(0.05));
        assert_eq!(config.training.batch_size, 16);
        assert_eq!(config.training.optimiser.kind.name(), "adamw");
        assert_eq!(config.corpus, PathBuf::from("corpus"));
    }

    #[test]
    fn parameters_that_no_run_has_are_refused_at_once() {
        for (parameter, expected) in [
            ("learning_rat=0..1", "learning_rat"),
            ("training.batch_size=8..64", "parameter training.batch_size"),
            ("backbone.dropout=1..3", "dropout = 2"),
            ("corpus.size=1..2", "corpus"),
            ("node2vec.return_parameter=0.5..2", "--graph"),
        ] {
            let refused = objective(&[parameter]).err();
            let message = refused.expect(parameter).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
