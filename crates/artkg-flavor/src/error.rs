use std::path::PathBuf;

use crate::reading::Fault;

/// What can go wrong when events are read, models trained, measured or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A compressed file that cannot be unpacked.
    #[error(
        "{}: cannot be read further than line {line}: {reason}; it is truncated or damaged, \
         copy it again", path.display()
    )]
    Unpacking {
        /// The file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
        /// What the decoder says.
        reason: String,
    },
    /// A malformed line, where every line has to be right.
    #[error("{0} (leave --strict out to skip such events)")]
    Fault(Fault),
    /// A file without any event that can be used.
    #[error("{}: {reason}", path.display())]
    NoEvents {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
    /// The training loop.
    #[error(transparent)]
    Training(#[from] artkg_train::Error),
    /// The search for good settings.
    #[error(transparent)]
    Tuning(#[from] artkg_tune::Error),
    /// A model file that cannot be used; says which and why.
    #[error("{0}")]
    Model(String),
    /// A wrong option or combination of options; says what to do instead.
    #[error("{0}")]
    Usage(String),
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
