//! One training loop for every model: epochs, schedules, early stopping,
//! checkpoints that resume exactly, records, TensorBoard events, progress and
//! a report.
//!
//! A model and its data implement [`Trainable`]; [`train`] does the rest in a
//! [`RunFolder`]. Whatever happens in a step is a function of the parameters,
//! the configuration, the epoch and the step, never of the clock or of what
//! ran before, so an interrupted run that is resumed equals an unbroken one.

mod append;
mod checkpoint;
mod config;
mod error;
mod gradient;
mod memory;
mod progress;
mod record;
mod report;
mod run_folder;
mod schedule;
mod state;
mod tensorboard;
mod trainable;
mod training;
mod trial;
mod update;

pub use artkg_session::StopFlag;
pub use config::{
    Decay, EarlyStopping, MemorySize, Mode, OptimiserConfig, OptimiserKind, TrainingConfig,
};
pub use error::{BoxError, Error, Result};
pub use memory::{MemoryPlan, plan_memory};
pub use progress::{Progress, Silent, StepProgress, TerminalProgress};
pub use record::{EpochRecord, Record, StepRecord};
pub use report::add_learning_curves;
pub use run_folder::RunFolder;
pub use schedule::{Schedule, ScheduleKind};
pub use trainable::{Batches, Loss, Metrics, ParameterGroup, Trainable};
pub use training::{Outcome, Summary, train};
pub use trial::{discard_trial, is_begun, trial_evaluation, trial_folder};
