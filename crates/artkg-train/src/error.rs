use std::path::{Path, PathBuf};

use artkg_files::difference::{Difference, Listed};

use crate::memory_shortage::MemoryShortage;

/// An error from the model, its data, or a hook: whatever it is, the loop adds
/// where it happened.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What can end a training run early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A growing file of the run folder could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Append {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Another process writes to the run folder.
    #[error("{} is being written by another training run", .0.display())]
    Busy(PathBuf),
    /// A new run was to be started where one already exists.
    #[error("{} already holds a training run", .0.display())]
    Occupied(PathBuf),
    /// A run was to be resumed or read where there is none.
    #[error("{} holds no training run: there is no config.toml in it", .0.display())]
    NoRun(PathBuf),
    /// A setting is out of its range.
    #[error("training setting {key} = {value}: must be {allowed}")]
    Setting {
        /// The setting, with dots between tables.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: String,
    },
    /// A setting that the chosen optimiser does not have.
    #[error(
        "training setting optimiser.{key}: {kind} has none; leave it out, or choose {}",
        kinds.join(" or ")
    )]
    NotOfOptimiser {
        /// The setting.
        key: &'static str,
        /// The optimiser.
        kind: &'static str,
        /// The optimisers that have it.
        kinds: Vec<&'static str>,
    },
    /// Settings that cannot be read.
    #[error("these settings cannot be used: {0}")]
    UnusableSettings(Box<toml::de::Error>),
    /// A parameter of a study that nothing comes of.
    #[error("no run has {0}")]
    NoSetting(String),
    /// Settings that cannot be written down.
    #[error("the settings cannot be written: {0}")]
    UnwritableSettings(Box<toml::ser::Error>),
    /// A parameter of a study that no run has, or that takes no such value.
    #[error("parameter {parameter}: {source}")]
    Parameter {
        /// The parameter with its range.
        parameter: String,
        /// What a run says to a value of it.
        source: BoxError,
    },
    /// The search for good settings.
    #[error(transparent)]
    Tuning(#[from] artkg_tune::Error),
    /// The run would not fit into memory.
    #[error(transparent)]
    Memory(#[from] MemoryShortage),
    /// A configuration file is not valid.
    #[error("{}: {source}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What the parser says, with the line.
        source: Box<toml::de::Error>,
    },
    /// A line of the records is none.
    #[error("{}: line {line}: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// The configuration of a resumed run isn't the one it was started with.
    #[error(
        "cannot resume {}: the settings differ from those it was started with ({})",
        path.display(),
        Listed(differences)
    )]
    Changed {
        /// The run folder.
        path: PathBuf,
        /// Every setting that differs.
        differences: Vec<Difference>,
    },
    /// A resumed run would learn from other data than it was started with.
    #[error(
        "cannot resume {}: {} changed since it was started",
        folder.display(),
        parts.join(" and ")
    )]
    DataChanged {
        /// The run folder.
        folder: PathBuf,
        /// What changed: `the training works`.
        parts: Vec<String>,
    },
    /// The record of a run's data is damaged.
    #[error("{}: not a usable record of data: {source}", path.display())]
    DataRecord {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// The record of a run's data is of another version.
    #[error(
        "{}: not a usable record of data: format {format} is not the {known} known here",
        path.display()
    )]
    DataFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// That of this version.
        known: u32,
    },
    /// The frozen part of the network isn't the one that the run was started with.
    #[error(
        "{}: the frozen part of the network has other weights than when the run was started",
        .0.display()
    )]
    Frozen(PathBuf),
    /// The optimiser isn't the one that a checkpoint was made with.
    #[error(
        "{}: it was made with other settings of the optimiser ({})",
        path.display(),
        Listed(differences)
    )]
    Optimiser {
        /// The checkpoint.
        path: PathBuf,
        /// Every setting that differs.
        differences: Vec<Difference>,
    },
    /// A file is no checkpoint, or one of another version.
    #[error("{}: not a usable checkpoint: its header has no {key}", path.display())]
    NoCheckpoint {
        /// The file.
        path: PathBuf,
        /// What the header lacks.
        key: &'static str,
    },
    /// The header of a checkpoint is damaged.
    #[error("{}: not a usable checkpoint: {key} in its header: {source}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// The part of the header.
        key: &'static str,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// A loss or a gradient became NaN or infinite.
    #[error("{quantity} is not finite at epoch {epoch}, step {step}, in the batch of {batch}")]
    NotFinite {
        /// `the loss` or `the gradient of …`.
        quantity: String,
        /// The epoch, from 1.
        epoch: usize,
        /// The step in the epoch, from 1.
        step: usize,
        /// The batch, as the model describes it.
        batch: String,
        /// The checkpoint with the last good state, if there is one yet.
        kept: Option<PathBuf>,
    },
    /// The metric that chooses the best epoch isn't among the measured ones.
    #[error(
        "early_stopping.metric is \"{metric}\", but validation measures {}",
        known.join(", ")
    )]
    UnknownMetric {
        /// The configured metric.
        metric: String,
        /// The metrics that there are.
        known: Vec<String>,
    },
    /// A setting names a group that the model doesn't have.
    #[error(
        "optimiser.{key} names \"{group}\", but the model's parameter groups are {}",
        known.join(", ")
    )]
    UnknownGroup {
        /// The setting: `group_rates` or `group_decays`.
        key: &'static str,
        /// The configured group.
        group: String,
        /// The groups that there are.
        known: Vec<String>,
    },
    /// The model, its data or a hook failed.
    #[error("{during} failed: {source}")]
    Model {
        /// What was being done.
        during: String,
        /// The error.
        source: BoxError,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] artkg_nn::Error),
    /// A chart could not be drawn.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
}

impl Error {
    /// A configuration file that is not valid.
    pub fn config(path: &Path, source: toml::de::Error) -> Self {
        Self::Config {
            path: path.to_path_buf(),
            source: Box::new(source),
        }
    }
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Engine(error.into())
    }
}

/// The result of training.
pub type Result<T, E = Error> = std::result::Result<T, E>;
