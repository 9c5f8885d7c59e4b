//! Context-aware classifiers of artworks: heads, context losses, evaluation.
//!
//! [`train`] runs from an [`ArtConfig`] to a model file; a [`Predictor`] labels
//! images with one; [`evaluate`] compares it with the truth. The systems are
//! those of Garcia, Renoust and Nakashima (ICMR 2019, arXiv 1904.04985).

mod activation_cache;
mod attributes;
pub mod calibration;
mod captions;
mod classifier;
pub mod comparison;
mod config;
mod context_use;
mod error;
mod evaluation;
mod examples;
pub mod explain;
mod extraction;
mod golden_section;
mod imbalance;
mod inputs;
mod joint;
mod joint_heads;
mod mode;
mod model;
mod model_file;
mod objective;
mod prediction;
mod predictor;
#[cfg(test)]
mod random_tensor;
mod retrieval;
mod run;
mod run_data;
mod scores;
mod side;
mod source;
mod targets;
mod task_weights;
mod texts;
mod training;
mod trust;
pub mod tuning;

pub use attributes::model_files;
pub use captions::{
    BlipCaptioner, CaptionItem, CaptionOptions, CaptionProgress, CaptionSource, CaptionSummary,
    Captioner, ImagenetWords, ImagenetWordsOptions, caption_items, generate_captions,
};
pub use classifier::{Classifier, ClassifierConfig, Outputs, ProjectionConfig, SideConfig};
pub use config::{ArtConfig, BackboneConfig};
pub use context_use::ContextUse;
pub use error::{Error, Result};
pub use evaluation::{
    ClassMetrics, ConfidenceMetrics, ConsistencyMetrics, Evaluation, RELIABILITY_BINS, Reliability,
    ReliabilityBin, RiskCoverage, SelectionPoint, SplitOptions, SplitScores, TaskAccuracies,
    TaskMetrics, Verdict, argmax, evaluate, evaluation_page, mean_accuracy, score_split,
};
pub use examples::{Example, examples};
pub use imbalance::{ImbalanceConfig, Sampling};
pub use joint::{CoOccurrence, Joint, JointPrior};
pub use mode::Mode;
pub use model::ArtModel;
pub use model_file::{ModelDescription, Provenance, SideDescription, StoredModel};
pub use prediction::Prediction;
pub use predictor::{Logits, Predictor};
pub use retrieval::{
    Found, Match, RETRIEVAL_FILE, Recall, RetrievalConfig, RetrievalEvaluation, RetrievalModel,
    RetrievalReport, evaluate_retrieval, random_recall, train_retrieval,
};
pub use run::{MODEL_FILE, RunOptions, RunReport, VOCABULARY_FILE, train, train_each_task};
pub use source::OnFailure;
pub use targets::{ContextTargets, MASKED, Standardisation, class_targets, vocabularies};
pub use task_weights::TaskWeights;
pub use texts::{TextColumns, TextEncoder, TextSource, embed_texts};
pub use trust::Selection;
