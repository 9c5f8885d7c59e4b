//! Training of the systems of the paper (Garcia, Renoust and Nakashima, ICMR 2019,
//! arXiv 1904.04985): [`train`] runs from an [`ArtConfig`] to a model file.
//!
//! [`tuning`] searches for good settings.

mod assembly;
mod audit;
mod backbone_config;
mod caption_vocabulary;
mod co_occurrence;
mod config;
mod error;
mod expectations;
mod fault;
mod imbalance;
mod objective;
mod parameter_groups;
mod preprocessing_settings;
#[cfg(test)]
mod random_tensor;
mod run;
mod settings;
mod system;
mod targets;
mod task_weights;
mod training;
pub mod tuning;
mod works;

pub use audit::{ModelAudit, audit_model};
pub use backbone_config::BackboneConfig;
pub use config::ArtConfig;
pub use error::{Error, Result};
pub use fault::Fault;
pub use imbalance::{ImbalanceConfig, Sampling};
pub use preprocessing_settings::PreprocessingSettings;
pub use run::{train, train_each_task};
pub use settings::ArtSettings;
pub use system::{GraphContext, System};
pub use targets::vocabularies;
pub use task_weights::TaskWeights;
