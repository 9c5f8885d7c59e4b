//! What a model of art is and says: heads over a backbone, the joint field of its
//! tags, what it sees beside the image, calibration, and the file that holds it all.
//!
//! A [`Predictor`] labels images with a [`StoredModel`]. The systems are those of
//! Garcia, Renoust and Nakashima (ICMR 2019, arXiv 1904.04985).

mod classifier;
mod context_use;
mod description_check;
mod error;
mod joint;
mod joint_heads;
mod mode;
mod model;
mod model_file;
mod predictor;
mod race;
mod selection;
mod side;
mod standardisation;
mod trust;

pub use classifier::{Classifier, ClassifierConfig, Outputs, ProjectionConfig, SideConfig};
pub use context_use::ContextUse;
pub use error::{DescriptionFault, Error, Result};
pub use joint::{CoOccurrence, Joint, JointPrior};
pub use mode::Mode;
pub use model::{ArtModel, BACKBONE_SCOPE, is_trained, normalises};
pub use model_file::{MODEL_FILE, ModelDescription, SideDescription, StoredModel, model_files};
pub use predictor::{Logits, Predictor};
pub use race::race;
pub use selection::Selection;
pub use side::{SideRow, SideValues, caption_values};
pub use standardisation::Standardisation;
pub use trust::{TaskScores, Trust};
