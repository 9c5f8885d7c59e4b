use std::path::{Path, PathBuf};

use artkg_train::{
    EarlyStopping, OptimiserConfig, OptimiserKind, Schedule, ScheduleKind, TrainingConfig,
};
use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The validation metric that chooses the best epoch: the share of queries, in
/// both directions, whose artwork or text is among the first ten.
const DECIDING_METRIC: &str = "recall_at_10";

/// What is measured on the validation split.
pub(crate) const METRICS: [&str; 5] = [
    DECIDING_METRIC,
    "text_to_art.recall_at_10",
    "art_to_text.recall_at_10",
    "text_to_art.median_rank",
    "art_to_text.median_rank",
];

/// Everything that decides a retrieval run: `config.toml` in its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrievalConfig {
    /// The corpus folder.
    pub corpus: PathBuf,
    /// The model file whose features and predictions are the visual side.
    pub model: PathBuf,
    /// The attributes on both sides.
    #[serde(default = "all_attributes")]
    pub attributes: Vec<Attribute>,
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
            attributes: all_attributes(),
            words: default_words(),
            dimension: default_dimension(),
            margin: default_margin(),
            mismatches: default_mismatches(),
            omission: default_omission(),
            cache: default_cache(),
            training: default_training(),
        }
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, or with the line of a key that is unknown
    /// or has a wrong value.
    pub fn read(path: &Path) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        toml::from_str(&text).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
    }

    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::Usage(message));
        for (key, count) in [
            ("words", self.words),
            ("dimension", self.dimension),
            ("mismatches", self.mismatches),
        ] {
            if count == 0 {
                return refuse(format!("{key} = 0: must be above 0"));
            }
        }
        if !(-1.0..=1.0).contains(&self.margin) {
            return refuse(format!(
                "margin = {}: a cosine lies from -1 to 1",
                self.margin
            ));
        }
        if !(0.0..=1.0).contains(&self.omission) {
            return refuse(format!(
                "omission = {}: a share lies from 0 to 1",
                self.omission
            ));
        }
        if self.training.batch_size < 2 {
            return refuse(
                "batch_size = 1: a text is held against the other artworks of its batch".to_owned(),
            );
        }
        if self.training.accumulate > 1 || self.training.memory_limit.is_some() {
            return refuse(
                "accumulate and memory_limit: the texts of a batch are held against each other, so \
                 it stays whole; lower batch_size instead"
                    .to_owned(),
            );
        }
        let metric = &self.training.early_stopping.metric;
        if !METRICS.contains(&metric.as_str()) {
            return refuse(format!(
                "early_stopping.metric = \"{metric}\": must be one of {}",
                METRICS.join(", ")
            ));
        }
        Ok(self.training.check()?)
    }

    /// The keys of `config.toml` that may change when a run is resumed.
    pub(crate) fn keys_free_to_change(&self) -> Vec<&'static str> {
        let mut keys = self.training.keys_free_to_change();
        keys.push("cache");
        keys
    }
}

fn all_attributes() -> Vec<Attribute> {
    Attribute::ALL.to_vec()
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
            learning_rate: Some(1e-3),
            ..OptimiserConfig::new(OptimiserKind::Adam)
        },
        schedule: Schedule {
            kind: ScheduleKind::Cosine,
            ..Schedule::default()
        },
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
