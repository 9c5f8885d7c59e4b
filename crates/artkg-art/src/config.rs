use std::collections::HashSet;
use std::path::PathBuf;

use artkg_image::Preprocessing;
use artkg_train::{RunConfig, TrainingConfig};
use artkg_vision::Stage;
use artkg_vocabulary::Attribute;
use serde::{Deserialize, Serialize};

use crate::backbone_config::BackboneConfig;
use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::imbalance::ImbalanceConfig;
use crate::settings::ArtSettings;
use crate::system::System;
use crate::task_weights::TaskWeights;

/// Everything that decides a training run of a visual model: what `config.toml`
/// in its folder says, in the keys of [`ArtSettings`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ArtSettings", into = "ArtSettings")]
pub struct ArtConfig {
    /// The system that is trained.
    pub system: System,
    /// The corpus folder.
    pub corpus: PathBuf,
    /// The knowledge graph whose edges say which classes go together; the corpus's own
    /// records say it when not given.
    pub graph: Option<PathBuf>,
    /// The columns that are learned.
    pub tasks: Vec<Attribute>,
    /// How many training artworks a value needs to become a class.
    pub minimum_count: usize,
    /// How much each task counts.
    pub task_weights: TaskWeights,
    /// Widths of layers before the last one of each classifier; none in the paper.
    pub hidden: Vec<usize>,
    /// The share of the target that the cross entropy spreads over all classes
    /// (Szegedy et al., CVPR 2016).
    pub label_smoothing: f64,
    /// What is done for rare classes.
    pub imbalance: ImbalanceConfig,
    /// The visual network.
    pub backbone: BackboneConfig,
    /// How images become inputs.
    pub preprocessing: Preprocessing,
    /// The training loop.
    pub training: TrainingConfig,
}

impl ArtConfig {
    /// A run of `system` on `corpus` with every other setting at its default.
    pub fn new(corpus: impl Into<PathBuf>, system: System) -> Self {
        Self::of(ArtSettings::new(corpus), system)
    }

    /// What `settings` say, of `system`.
    fn of(settings: ArtSettings, system: System) -> Self {
        Self {
            system,
            corpus: settings.corpus,
            graph: settings.graph,
            tasks: settings.tasks,
            minimum_count: settings.minimum_count,
            task_weights: settings.task_weights,
            hidden: settings.hidden,
            label_smoothing: settings.label_smoothing,
            imbalance: settings.imbalance,
            preprocessing: settings
                .preprocessing
                .of(settings.backbone.name.architecture),
            backbone: settings.backbone,
            training: settings.training,
        }
    }

    /// The boundary up to which nothing is trained.
    pub fn frozen(&self) -> Stage {
        self.backbone.frozen(self.system.mode())
    }

    /// Checks what the loop is to watch.
    fn check_metric(&self) -> std::result::Result<(), Fault> {
        let metric = &self.training.early_stopping.metric;
        let task = metric.strip_suffix(".accuracy");
        let is_task = |name: &str| self.tasks.iter().any(|task| task.name() == name);
        match self.tasks.first() {
            None => Err(Fault::NoTask),
            Some(example) if metric != "accuracy" && !task.is_some_and(is_task) => {
                Err(Fault::UnknownMetric {
                    metric: metric.clone(),
                    example: *example,
                })
            }
            Some(_) => Ok(()),
        }
    }
}

impl TryFrom<ArtSettings> for ArtConfig {
    type Error = Fault;

    fn try_from(settings: ArtSettings) -> std::result::Result<Self, Fault> {
        let system = settings.system()?;
        Ok(Self::of(settings, system))
    }
}

impl From<ArtConfig> for ArtSettings {
    fn from(config: ArtConfig) -> Self {
        let settings = Self {
            graph: config.graph,
            tasks: config.tasks,
            minimum_count: config.minimum_count,
            task_weights: config.task_weights,
            hidden: config.hidden,
            label_smoothing: config.label_smoothing,
            imbalance: config.imbalance,
            backbone: config.backbone,
            preprocessing: config.preprocessing.into(),
            training: config.training,
            ..Self::new(config.corpus)
        };
        settings.with_system(config.system)
    }
}

impl RunConfig for ArtConfig {
    type Error = Error;

    fn check(&self) -> Result<()> {
        let mut known = HashSet::new();
        if let Some(task) = self.tasks.iter().find(|task| !known.insert(**task)) {
            return Err(Fault::RepeatedTask(*task).into());
        }
        self.check_metric()?;
        self.system.check(self.tasks.len())?;
        if self.hidden.contains(&0) {
            return Err(Fault::NoWidth.into());
        }
        self.task_weights.check(&self.tasks)?;
        Fault::unless_share("label_smoothing", self.label_smoothing)?;
        self.imbalance.check(self.label_smoothing)?;
        self.backbone.check(self.system.mode())?;
        self.preprocessing.validate()?;
        Ok(self.training.check()?)
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

#[cfg(test)]
mod tests;
