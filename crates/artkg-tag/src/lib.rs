//! Batch tagging of image collections: inputs, a resumable run, writers.
//!
//! [`find_images`] lists what to tag, [`tag_images`] runs a
//! [`artkg_model::Predictor`] over it and hands each image's [`Tags`] to an
//! [`Output`], which can be interrupted at any point and continued. From its journal
//! the finished file is rendered with the tags' [`Origin`] by a [`TagWriter`], one a
//! format.

mod abstention;
mod csv_file;
mod error;
mod format;
mod inputs;
mod json_lines;
mod options;
mod origin;
mod output;
mod run;
mod tag_writer;
mod tags;

pub use abstention::{Abstention, TaskValue};
pub use artkg_files::meta_path as csv_meta_path;
pub use error::{Error, Result};
pub use format::{csv_writer, json_lines_writer, writer_for};
pub use inputs::{Inputs, List, Problem, find_images, read_list};
pub use options::TagOptions;
pub use origin::{Circumstances, Given, ModelOrigin, Origin, TagSettings, TaskSettings};
pub use output::{Output, TagJob, begun_in};
pub use run::{Failure, Subject, Summary, tag_images};
pub use tag_writer::TagWriter;
pub use tags::{Review, Tag, Tags, TaskTags};
