//! Flavour tagging: events of an electron-positron collider, given as lists of
//! charged tracks, sorted by the quarks that they started from.
//!
//! Track files become [`Events`], events become features relative to the thrust
//! axis, features become probabilities through the dense nets of `artkg-nn`,
//! trained by `artkg-train`'s loop as every other model.

mod class;
mod config;
mod dataset;
mod error;
pub mod evaluation;
mod event;
pub mod features;
mod inputs;
mod model_file;
mod models;
mod permutation;
mod predictor;
mod preparation;
mod probabilities;
mod reading;
mod run;
mod synth;
mod tagging;
mod toy;
mod training;
pub mod tuning;

pub use class::{ClassFile, Label};
pub use config::FlavorConfig;
pub use dataset::ReadWatcher;
pub use error::{Error, ModelFault, Result};
pub use event::{Event, Events, Track, Vector};
pub use model_file::{EventsOrigin, ModelDescription};
pub use models::{Architecture, ModelConfig};
pub use predictor::Predictor;
pub use preparation::Preparation;
pub use reading::{
    Chunk, Fault, FaultReason, FileSummary, Parsed, for_each_block, parse, read_events,
};
pub use run::train;
pub use synth::{synthesise, toy_files};
pub use tagging::{Origin, TagFormat, TagOutput, tag};
pub use toy::is_toy_file;
