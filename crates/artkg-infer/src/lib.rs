//! A model over the artworks of a corpus: its inputs come from images, or from
//! activations of its frozen part that are cached on disk.
//!
//! [`score_split`] gives a model's output for a split; training and the search for
//! neighbours take the batches themselves, from an [`ExampleSet`].

mod activation_cache;
mod attributes;
mod error;
mod examples;
mod extraction;
mod frozen_part;
mod inputs;
mod model_activations;
mod scores;
mod source;
mod split;

pub use attributes::{attribute_values, load_classifiers, width};
pub use error::{Error, Result};
pub use examples::{Example, MASKED, examples};
pub use frozen_part::FrozenPart;
pub use inputs::{ExampleSet, Inputs};
pub use model_activations::ModelActivations;
pub use scores::{Scorer, Scores};
pub use source::{BATCHES_HELD, Batch, ImageSource, Source};
pub use split::{ScoreOptions, SplitScores, score_split};
