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
mod inputs;
mod scores;
mod source;
mod split;

pub use attributes::{attribute_values, load_classifiers, width};
pub use error::{Error, Result};
pub use examples::{Example, MASKED, class_targets, examples};
pub use inputs::{ExampleSet, Inputs, Opening};
pub use scores::{Scores, scores};
pub use source::{BATCHES_HELD, Batch, ImageSource, OnFailure, Source};
pub use split::{SplitOptions, SplitScores, score_split};
