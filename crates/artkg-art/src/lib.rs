//! Context-aware classifiers of artworks: heads, context losses, evaluation.
//!
//! [`train`] runs from an [`ArtConfig`] to a model file; a [`Predictor`] labels
//! images with one; [`evaluate`] compares it with the truth. The systems are
//! those of Garcia, Renoust and Nakashima (ICMR 2019, arXiv 1904.04985).

mod activation_cache;
pub mod calibration;
pub mod comparison;
mod config;
mod error;
mod evaluation;
mod examples;
mod extraction;
mod mode;
mod model;
mod model_file;
mod predictor;
mod run;
mod source;
mod targets;
mod training;
pub mod tuning;

pub use config::{ArtConfig, BackboneConfig};
pub use error::{Error, Result};
pub use evaluation::{
    ClassMetrics, Evaluation, TaskMetrics, argmax, evaluate, evaluation_page, mean_accuracy,
    ranking,
};
pub use examples::{Example, examples};
pub use mode::Mode;
pub use model::{ArtModel, Outputs};
pub use model_file::{ModelDescription, Provenance, load_model, save_model};
pub use predictor::{Logits, Predictor};
pub use run::{MODEL_FILE, RunOptions, RunReport, VOCABULARY_FILE, train};
pub use source::OnFailure;
pub use targets::{ContextTargets, MASKED, class_targets, vocabularies};
