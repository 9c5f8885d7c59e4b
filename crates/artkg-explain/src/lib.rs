//! Why a model gives an image its tags: where it looked, what it knows that is
//! alike, and what in the knowledge graph ties the tags together.
//!
//! An [`Explainer`] looks at an image; [`nearest_by_features`] and
//! [`nearest_by_embedding`] find the training works beside it, and [`ties`] the
//! paths between its tags. [`explanation_page`] shows all of it.

mod conflicts;
mod error;
mod explainer;
mod grad_cam;
mod heat;
mod neighbours;
mod page;
mod ties;

pub use error::{Error, Result};
pub use explainer::{Explainer, ImageExplanation, TagExplanation};
pub use heat::Heat;
pub use neighbours::{NearWork, nearest_by_embedding, nearest_by_features};
pub use page::{Explanation, explanation_page};
pub use ties::{Tie, TieNode, TieStep, ties};
