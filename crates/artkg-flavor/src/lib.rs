//! Flavour tagging: events of an electron-positron collider, given as lists of
//! charged tracks, sorted by the quarks that they started from.
//!
//! Track files become [`Events`], events become features relative to the thrust
//! axis, features become probabilities through the dense nets of `artkg-nn`,
//! trained by `artkg-train`'s loop as every other model.

mod error;
mod event;
pub mod features;
mod reading;

pub use error::{Error, Result};
pub use event::{Event, Events, Track, Vector};
pub use reading::{
    Chunk, Chunks, Fault, FaultReason, FileSummary, Parsed, for_each_block, parse, read_events,
};
