//! One training loop for every model: epochs, schedules, early stopping,
//! checkpoints that resume exactly, records, TensorBoard events, progress and
//! a report.
//!
//! A model and its data implement [`Trainable`]; [`train`] does the rest in a
//! [`RunFolder`]. What comes before and after, from the settings to the model file,
//! is the same for all kinds of runs too: they implement [`Run`]. Whatever happens in a step is a function of the parameters,
//! the configuration, the epoch and the step, never of the clock or of what
//! ran before, so an interrupted run that is resumed equals an unbroken one.

mod append;
mod checkpoint;
mod config;
mod error;
mod gradient;
mod memory;
mod memory_shortage;
mod record;
mod report;
mod run;
mod run_folder;
mod run_log;
mod state;
mod tensorboard;
mod trainable;
mod training;
mod trials;
mod update;

pub use config::{
    Decay, EarlyStopping, Goal, Moments, OptimiserConfig, OptimiserKind, OptimiserSettings, Rule,
    Schedule, ScheduleKind, ScheduleSettings, ScheduleShape, TrainingConfig,
};
pub use error::{BoxError, Error, Result};
pub use memory::{MemoryPlan, plan_memory};
pub use memory_shortage::MemoryShortage;
pub use record::{EpochRecord, Record, StepRecord};
pub use run::{
    DataRecord, MicroBatches, Run, RunConfig, RunOptions, RunReport, Trained, execute, read_config,
};
pub use run_folder::{RunFolder, is_begun};
pub use trainable::{Batches, Loss, Metrics, ParameterGroup, Trainable};
pub use training::{Outcome, Summary, train};
pub use trials::{RunObjective, Trials, full_parameters};
