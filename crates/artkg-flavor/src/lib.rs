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
mod model_file;
mod models;
mod predictor;
mod reading;
mod run;
mod synth;
mod tagging;
mod training;
pub mod tuning;

pub use class::{ClassFile, Label, classes_of};
pub use config::FlavorConfig;
pub use dataset::{Preparation, ReadWatcher};
pub use error::{Error, Result};
pub use event::{Event, Events, Track, Vector};
pub use model_file::{EventsOrigin, ModelDescription};
pub use models::{Architecture, ModelConfig};
pub use predictor::Predictor;
pub use reading::{
    Chunk, Chunks, Fault, FaultReason, FileSummary, Parsed, for_each_block, parse, read_events,
};
pub use run::{MODEL_FILE, train};
pub use synth::{SYNTHETIC_CLASSES, synthesise};
pub use tagging::{TagFormat, TagOutput, tag};
