use std::path::Path;

use artkg_model::{MODEL_FILE, Mode};
use artkg_session::Session;
use artkg_train::{RunOptions, Summary, Trials};
use artkg_tune::{Assignment, Outcome};

use super::embedder::{GraphEmbedder, PREFIX};
use crate::config::ArtConfig;
use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::run::train;
use crate::system::System;

/// Training runs of models of art, for a [`artkg_train::RunObjective`].
pub struct ArtTrials {
    base: ArtConfig,
    embedder: Option<GraphEmbedder>,
    session: Session,
}

impl ArtTrials {
    /// Runs that start from `base`; parameters of node2vec need an `embedder`.
    pub fn new(base: ArtConfig, embedder: Option<GraphEmbedder>, session: Session) -> Self {
        Self {
            base,
            embedder,
            session,
        }
    }
}

impl Trials for ArtTrials {
    type Config = ArtConfig;
    type Error = Error;
    const MODEL_FILE: &'static str = MODEL_FILE;

    fn base(&self) -> &ArtConfig {
        &self.base
    }

    fn is_setting(&self, name: &str) -> bool {
        !name.starts_with(PREFIX)
    }

    fn apply(&self, config: &mut ArtConfig, parameters: &Assignment) -> Result<()> {
        if let Some(embedder) = &self.embedder {
            let mode = config.system.mode();
            match &mut config.system {
                System::Kgm(graph) => graph.embeddings = embedder.path(parameters)?,
                _ => {
                    return Err(Error::Setting(Fault::OfOtherSystem {
                        key: "embeddings",
                        mode,
                        owner: Mode::Kgm,
                    }));
                }
            }
        } else if let Some(key) = parameters.keys().find(|key| !self.is_setting(key)) {
            return Err(Error::NoGraph { key: key.clone() });
        }
        Ok(())
    }

    fn train(
        &mut self,
        config: &ArtConfig,
        parameters: &Assignment,
        folder: &Path,
        resume: bool,
    ) -> Result<Option<Summary>> {
        if let Some(embedder) = &self.embedder {
            embedder.embed(parameters)?;
        }
        let options = RunOptions {
            folder,
            resume,
            session: &self.session,
        };
        Ok(train(config, options)?.training)
    }

    fn outcome(error: &Error) -> Option<Outcome> {
        match error {
            Error::Training(error) => error.trial_outcome(),
            _ if error.is_of_settings() => Some(Outcome::Failed {
                reason: error.to_string(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use artkg_train::RunObjective;
    use artkg_tune::Space;

    use super::*;

    fn objective(parameters: &[&str]) -> Result<RunObjective<ArtTrials>> {
        let base = ArtConfig::new("corpus", System::Mtl);
        let parameters = parameters
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let trials = ArtTrials::new(base, None, Session::silent(1));
        RunObjective::new(trials, "study", &Space::new(parameters)?)
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
        assert_eq!(config.training.optimiser.learning_rate, 0.05);
        assert_eq!(config.training.batch_size, 16);
        assert_eq!(config.training.optimiser.kind().name(), "adamw");
        assert_eq!(config.corpus, Path::new("corpus"));
    }

    #[test]
    fn parameters_that_no_run_has_are_refused_at_once() {
        for (parameter, expected) in [
            ("learning_rat=0..1", "learning_rat"),
            ("training.batch_size=8..64", "parameter training.batch_size"),
            ("backbone.dropout=1..3", "dropout = 2"),
            ("corpus.size=1..2", "corpus"),
            ("context_weight=0.1..0.2", "no run has context_weight"),
            ("node2vec.return_parameter=0.5..2", "embeds the graph anew"),
        ] {
            let refused = objective(&[parameter]).err();
            let message = refused.expect(parameter).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
