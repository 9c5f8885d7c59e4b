use artkg_train::{
    OptimiserConfig, OptimiserKind, RunConfig, Schedule, ScheduleKind, TrainingConfig,
};
use serde::{Deserialize, Serialize};

use crate::class::ClassFile;
use crate::error::{Error, Result};
use crate::models::{Architecture, ModelConfig};

/// Everything that decides a training run of a tagger: what `config.toml` in its
/// folder says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlavorConfig {
    /// Files of training events.
    pub train: Vec<ClassFile>,
    /// Files of validation events; without any, a share of the training events.
    #[serde(default)]
    pub validation: Vec<ClassFile>,
    /// That share: every tenth event, for 0.1.
    #[serde(default = "default_share")]
    pub validation_share: f64,
    /// Whether a malformed line ends the run.
    #[serde(default)]
    pub strict: bool,
    /// Whether training mirrors events, at random, in the two planes through
    /// the axis: physics does not care.
    #[serde(default = "default_mirror")]
    pub mirror: bool,
    /// The share of tracks that training leaves out, at random.
    #[serde(default)]
    pub lost_tracks: f64,
    /// The tagger.
    #[serde(default)]
    pub model: ModelConfig,
    /// The training loop.
    #[serde(default = "default_training")]
    pub training: TrainingConfig,
}

fn default_share() -> f64 {
    0.1
}

fn default_mirror() -> bool {
    true
}

/// AdamW with a cosine suits all four kinds.
fn default_training() -> TrainingConfig {
    TrainingConfig {
        epochs: 30,
        batch_size: 128,
        gradient_clip: 1.0,
        log_every: 20,
        optimiser: OptimiserConfig {
            learning_rate: 2e-3,
            ..OptimiserConfig::new(OptimiserKind::AdamW)
        },
        schedule: Schedule {
            warm_up_epochs: 1.0,
            ..Schedule::new(ScheduleKind::Cosine)
        },
        ..TrainingConfig::default()
    }
}

impl FlavorConfig {
    /// A run on `train` with everything else at its default.
    pub fn new(train: Vec<ClassFile>, architecture: Architecture) -> Self {
        Self {
            train,
            validation: Vec::new(),
            validation_share: default_share(),
            strict: false,
            mirror: default_mirror(),
            lost_tracks: match architecture {
                Architecture::Dense => 0.15,
                _ => 0.0,
            },
            model: ModelConfig::new(architecture),
            training: default_training(),
        }
    }
}

impl RunConfig for FlavorConfig {
    type Error = Error;

    fn check(&self) -> Result<()> {
        if self.train.is_empty() {
            return Err(Error::NoTraining);
        }
        if self.validation.is_empty() && !(0.001..=0.5).contains(&self.validation_share) {
            return Err(Error::Setting {
                key: "validation_share",
                value: self.validation_share.to_string(),
                allowed: "0.001 to 0.5",
            });
        }
        if !(0.0..1.0).contains(&self.lost_tracks) {
            return Err(Error::Setting {
                key: "lost_tracks",
                value: self.lost_tracks.to_string(),
                allowed: "0 or more and less than 1",
            });
        }
        if self.training.memory_limit.is_some() {
            return Err(Error::MemoryLimit);
        }
        self.model.check()?;
        Ok(self.training.check()?)
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn training_mut(&mut self) -> &mut TrainingConfig {
        &mut self.training
    }
}
