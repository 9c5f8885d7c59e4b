//! Search for good settings of a model of art.
//!
//! A parameter is a dotted key of the run's configuration, or one of
//! `node2vec.*`, which embed the graph again. Each trial is a training run; its
//! value is the best value of the metric that chooses the best epoch.

mod embedder;

mod space;
mod trials;

pub use embedder::GraphEmbedder;
pub use space::{base_config, default_parameters, full_parameters, searches_node2vec};
pub use trials::ArtTrials;
