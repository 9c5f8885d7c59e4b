use std::path::PathBuf;

use artkg_train::{
    EarlyStopping, OptimiserConfig, OptimiserKind, RunConfig, Schedule, ScheduleKind,
    TrainingConfig,
};
use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Fault, Result};
use crate::measures::{DECIDING_METRIC, METRICS};

/// Everything that decides a retrieval run: `config.toml` in its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrievalConfig {
    /// The corpus folder.
    pub corpus: PathBuf,
    /// The model file whose features and predictions are the visual side.
    pub model: PathBuf,
    /// The attributes on both sides; all those of the model when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<Attribute>>,
    /// How many words of titles and descriptions count.
    #[serde(default = "default_words")]
    pub words: usize,
    /// The dimension of the space.
    #[serde(default = "default_dimension")]
    pub dimension: usize,
    /// The cosine that texts and artworks of no pair may have for nothing.
    #[serde(default = "default_margin")]
    pub margin: f64,
    /// Other artworks that each text is held against in a step.
    #[serde(default = "default_mismatches")]
    pub mismatches: usize,
    /// The share of texts that a step sees without their attributes, and of those
    /// that it sees without their description, so that short queries fare well.
    #[serde(default = "default_omission")]
    pub omission: f64,
    /// Where the activations of the visual model's frozen part are kept.
    #[serde(default = "default_cache")]
    pub cache: PathBuf,
    /// The training loop.
    #[serde(default = "default_training")]
    pub training: TrainingConfig,
}

impl RetrievalConfig {
    /// A run with every other setting at its default.
    pub fn new(corpus: impl Into<PathBuf>, model: impl Into<PathBuf>) -> Self {
        Self {
            corpus: corpus.into(),
            model: model.into(),
            attributes: None,
            words: default_words(),
            dimension: default_dimension(),
            margin: default_margin(),
            mismatches: default_mismatches(),
            omission: default_omission(),
            cache: default_cache(),
            training: default_training(),
        }
    }
}

impl RunConfig for RetrievalConfig {
    type Error = Error;

    fn check(&self) -> Result<()> {
        let training = &self.training;
        let metric = &training.early_stopping.metric;
        let counts = [
            ("words", self.words),
            ("dimension", self.dimension),
            ("mismatches", self.mismatches),
        ];
        let fault = if let Some((key, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            Fault::Zero { key }
        } else if !(-1.0..=1.0).contains(&self.margin) {
            Fault::Margin(self.margin)
        } else if !(0.0..=1.0).contains(&self.omission) {
            Fault::Omission(self.omission)
        } else if training.batch_size < 2 {
            Fault::BatchOfOne
        } else if training.accumulate > 1 || training.memory_limit.is_some() {
            Fault::SplitBatch
        } else if !METRICS.contains(&metric.as_str()) {
            Fault::UnknownMetric {
                metric: metric.clone(),
            }
        } else {
            return Ok(training.check()?);
        };
        Err(fault.into())
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn training_mut(&mut self) -> &mut TrainingConfig {
        &mut self.training
    }

    fn keys_free_to_change(&self) -> Vec<&'static str> {
        // Where activations are kept does not change what is computed.
        let mut keys = self.training.keys_free_to_change();
        keys.push("cache");
        keys
    }
}

fn default_words() -> usize {
    10_000
}

fn default_dimension() -> usize {
    128
}

fn default_margin() -> f64 {
    0.1
}

fn default_mismatches() -> usize {
    8
}

fn default_omission() -> f64 {
    0.3
}

fn default_cache() -> PathBuf {
    PathBuf::from("cache")
}

fn default_training() -> TrainingConfig {
    TrainingConfig {
        epochs: 30,
        batch_size: 128,
        optimiser: OptimiserConfig {
            learning_rate: 1e-3,
            ..OptimiserConfig::new(OptimiserKind::Adam)
        },
        schedule: Schedule::new(ScheduleKind::Cosine),
        early_stopping: EarlyStopping {
            metric: DECIDING_METRIC.to_owned(),
            ..EarlyStopping::default()
        },
        ..TrainingConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corpus_and_model_are_all_that_must_be_given() {
        let config: RetrievalConfig = toml::from_str("corpus = \"c\"\nmodel = \"m\"").unwrap();
        assert_eq!(config, RetrievalConfig::new("c", "m"));
        config.check().unwrap();
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<RetrievalConfig>(&text).unwrap(), config);
    }

    #[test]
    fn settings_without_sense_are_refused() {
        type Spoil = fn(&mut RetrievalConfig);
        let cases: [(Spoil, &str); 6] = [
            (|config| config.words = 0, "words = 0"),
            (|config| config.margin = 1.5, "margin = 1.5"),
            (|config| config.omission = -0.1, "omission = -0.1"),
            (|config| config.training.batch_size = 1, "batch_size = 1"),
            (|config| config.training.accumulate = 2, "accumulate"),
            (
                |config| config.training.early_stopping.metric = "recall".to_owned(),
                "recall_at_10",
            ),
        ];
        for (spoil, expected) in cases {
            let mut config = RetrievalConfig::new("c", "m");
            spoil(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
