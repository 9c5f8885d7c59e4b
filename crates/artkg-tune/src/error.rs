use std::path::PathBuf;

use crate::keys::Difference;

/// An error of an objective: whatever it is, the study adds where it happened.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong in a study.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A parameter that makes no sense.
    #[error("parameter `{text}`: {reason}")]
    Parameter {
        /// The parameter as it was given.
        text: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },
    /// A key that the settings do not have.
    #[error("`{key}`: {reason}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A new study was to be started where one already exists.
    #[error(
        "{} already holds a study; continue it with --resume, remove it, or choose another name",
        .0.display()
    )]
    Occupied(PathBuf),
    /// A study was to be resumed or read where there is none.
    #[error("{} holds no study: there is no study.toml in it", .0.display())]
    NoStudy(PathBuf),
    /// Another process works on the study.
    #[error("another process works on the study in {}; stop that one or choose another name", .0.display())]
    Busy(PathBuf),
    /// A study's file is not valid.
    #[error("{}: {reason}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A resumed study isn't the one that was started.
    #[error(
        "cannot resume {}: it was started with other settings ({}); use the same settings, \
         or start a new study under another name",
        path.display(),
        differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    Changed {
        /// The study's folder.
        path: PathBuf,
        /// Every setting that differs.
        differences: Vec<Difference>,
    },
    /// Trials fail one after the other.
    #[error("the first {count} trials all failed; the last one: {reason}")]
    AllFailed {
        /// How many.
        count: usize,
        /// The outcome of the last one.
        reason: String,
    },
    /// A trial could not be run at all, for a reason outside of its parameters.
    #[error("trial {number}: {source}")]
    Objective {
        /// The trial, from 1.
        number: usize,
        /// The error.
        source: BoxError,
    },
    /// The sampler.
    #[error("cannot suggest the next trial: {0}")]
    Sampler(String),
    /// A chart could not be drawn.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
