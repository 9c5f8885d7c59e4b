//! Where the weights of networks come from, and their files. What the networks are,
//! other crates know.
//!
//! A [`WeightSource`] is what users write of one file of weights, a [`ModelSource`] of
//! a model with its configuration and tokenizer: a place on this machine or on the
//! Hugging Face [`Hub`]. [`WeightFile`] reads the tensors.

mod error;
mod hub;
mod hub_file;
mod model_source;
mod weight_file;
mod weight_source;

pub use error::{ClientError, Error, Reason, Result, Unavailable};
pub use hub::Hub;
pub use hub_file::HubFile;
pub use model_source::{CONFIG, ModelSource, TOKENIZER, read_json};
pub use weight_file::WeightFile;
pub use weight_source::WeightSource;
