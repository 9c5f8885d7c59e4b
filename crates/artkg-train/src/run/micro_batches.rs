use artkg_session::Session;

use super::config::RunConfig;
use crate::error::Result;
use crate::memory::plan_memory;
use crate::run_folder::RunFolder;
use crate::trainable::Trainable;

/// How the batches of a run are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MicroBatches {
    /// The parts of a batch.
    pub count: usize,
    /// Examples in a batch: no more than there are.
    pub batch: usize,
    /// Examples in a part.
    pub size: usize,
}

/// Makes sure that a run fits into memory, and writes down in how many parts its
/// batches are computed where that takes more than `config` says.
///
/// # Errors
/// As [`plan_memory`], and when the folder cannot be written.
pub(super) fn settle<C: RunConfig, T: Trainable>(
    training: &T,
    config: &mut C,
    folder: &RunFolder,
    session: &Session,
) -> Result<MicroBatches> {
    let mut settings = config.training().clone();
    if let Some(examples) = training.examples() {
        settings.batch_size = settings.batch_size.min(examples.max(1));
    }
    settings.accumulate = settings.accumulate.min(settings.batch_size);
    let resumed = folder.is_resumed() && folder.last_checkpoint().exists();
    let plan = plan_memory(training, &settings, resumed)?;
    if plan.peak.is_some() {
        session.message(&format!("memory: {plan} at most"));
    }
    if plan.accumulate > config.training().accumulate {
        config.training_mut().accumulate = plan.accumulate;
        folder.replace_config(config)?;
    }
    Ok(MicroBatches {
        count: plan.accumulate,
        batch: settings.batch_size,
        size: settings.batch_size.div_ceil(plan.accumulate),
    })
}
