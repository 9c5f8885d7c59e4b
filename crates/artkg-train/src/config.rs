mod check;
mod optimiser;
mod optimiser_settings;
mod rule;
mod schedule;

use artkg_files::MemorySize;
use serde::{Deserialize, Serialize};

use self::check::{check_count, check_factor, refuse};
use crate::error::Result;

pub use optimiser::OptimiserConfig;
pub use optimiser_settings::{Decay, OptimiserKind, OptimiserSettings};
pub use rule::{Moments, Rule};
pub use schedule::{Schedule, ScheduleKind, ScheduleSettings, ScheduleShape};

/// Whether larger or smaller values of a metric are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// Larger is better: accuracies.
    #[default]
    Max,
    /// Smaller is better: losses.
    Min,
}

/// Which epoch is the best, and when to give up waiting for a better one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EarlyStopping {
    /// The validation metric that decides.
    pub metric: String,
    /// Whether it should grow or fall.
    #[serde(rename = "mode")]
    pub goal: Goal,
    /// Epochs without improvement after which the run ends; 0 for never.
    pub patience: usize,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self {
            metric: "accuracy".to_owned(),
            goal: Goal::Max,
            patience: 0,
        }
    }
}

impl EarlyStopping {
    /// Whether `value` improves on `best`. NaN never does.
    pub fn improves(&self, value: f64, best: Option<f64>) -> bool {
        let Some(best) = best else {
            return !value.is_nan();
        };
        match self.goal {
            Goal::Max => value > best,
            Goal::Min => value < best,
        }
    }
}

/// Everything the training loop needs to know. Every key has a default, and
/// unknown keys are refused, so that a typing error can't go unnoticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the training data.
    pub epochs: usize,
    /// Examples in a step; the trainable makes the batches.
    pub batch_size: usize,
    /// Micro-batches that a batch is computed in, one after the other, to hold
    /// less in memory; their gradients are added up.
    pub accumulate: usize,
    /// What the process may hold in memory: batches are cut into as many
    /// micro-batches as it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<MemorySize>,
    /// Seed of data order, augmentation, dropout and initial values.
    pub seed: u64,
    /// Epochs between checkpoints; the last epoch is always saved.
    pub checkpoint_every: usize,
    /// Steps between step records in `metrics.jsonl`; 0 for none.
    pub log_every: usize,
    /// Largest global norm of the gradient; 0 for no limit.
    pub gradient_clip: f64,
    /// The optimiser.
    pub optimiser: OptimiserConfig,
    /// The learning rate over the run.
    pub schedule: Schedule,
    /// The best epoch and the end.
    pub early_stopping: EarlyStopping,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 30,
            batch_size: 32,
            accumulate: 1,
            memory_limit: None,
            seed: 0,
            checkpoint_every: 1,
            log_every: 10,
            gradient_clip: 0.0,
            optimiser: OptimiserConfig::default(),
            schedule: Schedule::default(),
            early_stopping: EarlyStopping::default(),
        }
    }
}

impl TrainingConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for the first that is out of range.
    pub fn check(&self) -> Result<()> {
        check_count("epochs", self.epochs)?;
        check_count("batch_size", self.batch_size)?;
        check_count("accumulate", self.accumulate)?;
        refuse(
            self.accumulate <= self.batch_size,
            "accumulate",
            self.accumulate,
            format!("at most the batch size, {}", self.batch_size),
        )?;
        check_count("checkpoint_every", self.checkpoint_every)?;
        check_factor("gradient_clip", self.gradient_clip)?;
        self.schedule.check()?;
        self.optimiser.check()
    }

    /// The keys, without their tables, that may change when a run is resumed,
    /// because what has been computed so far doesn't depend on them.
    pub fn keys_free_to_change(&self) -> Vec<&'static str> {
        let mut keys = vec!["checkpoint_every", "patience", "memory_limit"];
        // Only the cosine looks ahead to the end of the run.
        if self.schedule.kind() != ScheduleKind::Cosine {
            keys.push("epochs");
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_round_trip() {
        let mut config = TrainingConfig {
            seed: 7,
            memory_limit: Some(MemorySize(6 << 30)),
            ..TrainingConfig::default()
        };
        config.optimiser.group_rates.insert("heads".into(), 4.0);
        config.schedule = Schedule::new(ScheduleKind::Cosine);
        config.early_stopping.goal = Goal::Min;
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<TrainingConfig>(&text).unwrap(), config);
    }

    #[test]
    fn missing_keys_have_defaults_and_unknown_ones_are_refused() {
        let text = "epochs = 3\n[schedule]\nkind = \"step\"\n";
        let config: TrainingConfig = toml::from_str(text).unwrap();
        assert_eq!(config.epochs, 3);
        assert_eq!(config.schedule.kind(), ScheduleKind::Step);
        assert_eq!(config.batch_size, 32);
        let error = toml::from_str::<TrainingConfig>("epoch = 3").unwrap_err();
        assert!(error.to_string().contains("epoch"), "{error}");
    }

    #[test]
    fn values_out_of_range_are_named() {
        type Spoil = fn(&mut TrainingConfig);
        let cases: [(Spoil, &str); 6] = [
            (
                |config| config.accumulate = 33,
                "at most the batch size, 32",
            ),
            (|config| config.epochs = 0, "epochs = 0: must be 1 or more"),
            (
                |config| config.optimiser.learning_rate = f64::NAN,
                "learning_rate = NaN",
            ),
            (
                |config| {
                    config.optimiser.rule = Rule::Sgd {
                        momentum: 1.0,
                        nesterov: false,
                        decay: Decay::Coupled,
                    };
                },
                "momentum = 1",
            ),
            (
                |config| {
                    config.schedule.shape = ScheduleShape::Cosine { final_factor: -0.5 };
                },
                "final_factor = -0.5",
            ),
            (
                |config| {
                    config.optimiser.group_rates.insert("heads".into(), -1.0);
                },
                "group_rates = -1",
            ),
        ];
        TrainingConfig::default().check().unwrap();
        for (spoil, expected) in cases {
            let mut config = TrainingConfig::default();
            spoil(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn improvement_has_a_direction() {
        let mut stopping = EarlyStopping::default();
        assert!(stopping.improves(0.1, None));
        assert!(!stopping.improves(f64::NAN, None));
        assert!(stopping.improves(0.2, Some(0.1)) && !stopping.improves(0.1, Some(0.1)));
        stopping.goal = Goal::Min;
        assert!(stopping.improves(0.1, Some(0.2)) && !stopping.improves(0.3, Some(0.2)));
    }
}
