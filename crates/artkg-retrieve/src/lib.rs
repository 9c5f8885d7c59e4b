//! Text to art and art to text: both in one space (Garcia, Renoust and Nakashima,
//! "ContextNet", IJMIR 2020, section 5; CML of SemArt).
//!
//! On one side the words of title and description and the attributes, on the other
//! the features of a trained visual model and the attributes that it predicts.
//! [`train_retrieval`] learns the space, [`evaluate_retrieval`] measures it,
//! [`RetrievalModel::query`] searches.

mod config;
mod error;
mod evaluation;
mod image_side;
mod joint_space;
mod measures;
mod mentions;
mod model;
mod run;
mod text_side;
mod training;

pub use config::RetrievalConfig;
pub use error::{Error, Fault, ModelFault, Result};
pub use evaluation::{Recall, RetrievalEvaluation, evaluate_retrieval};
pub use model::{Found, Match, RetrievalModel};
pub use run::{RetrievalReport, train_retrieval};
