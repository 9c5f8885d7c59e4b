//! Batch tagging of image collections: inputs, a resumable run, writers.
//!
//! [`find_images`] lists what to tag, [`tag_images`] runs a
//! [`artkg_model::Predictor`] over it and hands each image's [`Tags`] to an
//! [`Output`], which can be interrupted at any point and continued.

mod abstention;
mod error;
mod inputs;
mod output;
mod run;
mod tags;

pub use abstention::{Abstention, TaskValue};
pub use error::{Error, Result};
pub use inputs::{Inputs, Problem, find_images, read_list};
pub use output::{Output, TagJob};
pub use run::{Failure, Summary, TagOptions, tag_images};
pub use tags::{Tag, Tags, TaskTags};
