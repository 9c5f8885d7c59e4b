use std::path::PathBuf;

use artkg_files::difference::{Difference, Listed};

use crate::fault::{KeyFault, ParameterFault};

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
    #[error("parameter `{text}`: {fault}")]
    Parameter {
        /// The parameter as it was given.
        text: String,
        /// What is wrong with it.
        #[source]
        fault: ParameterFault,
    },
    /// A space without parameters.
    #[error("there is nothing to search")]
    NothingToSearch,
    /// A key that the settings do not have.
    #[error("`{key}`: {fault}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        #[source]
        fault: KeyFault,
    },
    /// A new study was to be started where one already exists.
    #[error("{} already holds a study", .0.display())]
    Occupied(PathBuf),
    /// A study was to be resumed or read where there is none.
    #[error("{} holds no study: there is no study.toml in it", .0.display())]
    NoStudy(PathBuf),
    /// Another process works on the study.
    #[error("another process works on the study in {}", .0.display())]
    Busy(PathBuf),
    /// The description of a study, or the settings of its best trial, cannot be read or
    /// written.
    #[error("{}: {source}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BoxError,
    },
    /// A line of a study's file is no trial.
    #[error("{}: line {line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line of a study's file holds the trial of another.
    #[error("{}: line {line}: holds trial {trial}", path.display())]
    Order {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The number of its trial.
        trial: usize,
    },
    /// A resumed study isn't the one that was started.
    #[error(
        "cannot resume {}: it was started with other settings ({})",
        path.display(),
        Listed(differences)
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
    #[error("cannot suggest the next trial: {parameter}: {source}")]
    Sampler {
        /// The parameter.
        parameter: String,
        /// What the estimator says.
        source: BoxError,
    },
    /// A recorded trial does not fit the space.
    #[error(
        "cannot suggest the next trial: {parameter}: trial {trial} has no value within its range"
    )]
    Outside {
        /// The parameter.
        parameter: String,
        /// The trial, from 1.
        trial: usize,
    },
    /// A chart could not be drawn.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
