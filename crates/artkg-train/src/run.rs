//! The one life of a training run. Its settings are checked and its folder is
//! made or taken up again; what it learns from is read and known again; its model
//! is built and made to fit into memory; it trains; the best epoch is saved with
//! where it comes from. A kind of run says what to read, build and save
//! ([`Run`]), and [`execute`] does the rest.

mod config;
mod data_record;
mod micro_batches;
mod trained;

use std::path::{Path, PathBuf};

use artkg_session::Session;

use crate::error::{Error, Result};
use crate::run_folder::RunFolder;
use crate::trainable::Trainable;
use crate::training::{Outcome, Summary, train};

use self::data_record::Comparison;
use self::micro_batches::settle;

pub use config::{RunConfig, read_config};
pub use data_record::DataRecord;
pub use micro_batches::MicroBatches;
pub use trained::Trained;

/// What a kind of run adds to the life that all have. The methods are called in
/// this order, each once, and what one of them leaves to a later one stays in
/// `self` or travels in the data and the training; what the caller wants to know
/// besides goes out through references in `self`. Whatever has to fit before anything
/// is written is opened when [`execute`] makes it.
///
/// Runs that keep to a memory limit implement [`Trainable::blank_batch`], and
/// [`Trainable::examples`] where there may be fewer examples than a batch has.
///
/// A method that may take long and is asked to stop returns `None`: the run is
/// then interrupted before its training began, and can be resumed.
pub trait Run {
    /// The settings.
    type Config: RunConfig<Error = Self::Error>;
    /// What is learned from, before the model is there.
    type Data;
    /// The model with its data.
    type Training: Trainable;
    /// What can go wrong.
    type Error: From<Error>;

    /// Reads what is learned from, and adds a fingerprint of each part to `record`:
    /// a resumed run that would find other data is refused.
    ///
    /// # Errors
    /// When the data cannot be read or is of no use.
    fn read(
        &mut self,
        config: &Self::Config,
        record: &mut DataRecord,
    ) -> Result<Option<Self::Data>, Self::Error>;

    /// Builds the model with its inputs. What else the run keeps in its folder, such
    /// as a vocabulary, is written here.
    ///
    /// # Errors
    /// When data and model do not fit, or a file cannot be read or written.
    fn build(
        &mut self,
        config: &Self::Config,
        data: Self::Data,
        folder: &RunFolder,
    ) -> Result<Option<Self::Training>, Self::Error>;

    /// Learns in how many parts batches are computed, where anything depends on it.
    fn settle(
        &mut self,
        _training: &mut Self::Training,
        _batches: &MicroBatches,
        _session: &Session,
    ) {
    }

    /// Writes the model file from a training that holds the parameters of the best
    /// epoch, and returns where it lies.
    ///
    /// # Errors
    /// When the model fails or the file cannot be written.
    fn save(
        self,
        config: &Self::Config,
        training: Self::Training,
        trained: Trained,
        folder: &RunFolder,
    ) -> Result<PathBuf, Self::Error>;
}

/// Where a run happens, and with what.
pub struct RunOptions<'a> {
    /// The run folder.
    pub folder: &'a Path,
    /// Whether to continue what lies there.
    pub resume: bool,
    /// Threads, device, stop, and who is told of its progress.
    pub session: &'a Session,
}

/// The result of a run.
#[derive(Debug)]
pub struct RunReport {
    /// How training ended; `None` when it was stopped before it began.
    pub training: Option<Summary>,
    /// The model file, unless the run was interrupted.
    pub model: Option<PathBuf>,
}

/// Lives the life of a run as `config` says. `open` is called once the settings are
/// known to make sense; it reads what has to fit before anything is written.
///
/// # Errors
/// When the configuration makes no sense, the folder holds another run or none to
/// resume, the data changed, the run does not fit into memory, training fails, or
/// whatever the kind of run refuses.
pub fn execute<R: Run>(
    config: &R::Config,
    options: RunOptions<'_>,
    open: impl FnOnce(&R::Config) -> Result<R, R::Error>,
) -> Result<RunReport, R::Error> {
    const INTERRUPTED: RunReport = RunReport {
        training: None,
        model: None,
    };
    config.check()?;
    let mut run = open(config)?;
    let mut config = started(config, &options)?;
    let folder = match options.resume {
        true => RunFolder::resume(options.folder, &config, &config.keys_free_to_change())?,
        false => RunFolder::create(options.folder, &config)?,
    };
    let mut record = DataRecord::default();
    let Some(data) = run.read(&config, &mut record)? else {
        return Ok(INTERRUPTED);
    };
    if record.settle(&folder)? == Comparison::Impossible {
        options.session.message(
            "this run's data was recorded by another version of artkg and cannot be compared; \
             it is recorded anew",
        );
    }
    let Some(mut training) = run.build(&config, data, &folder)? else {
        return Ok(INTERRUPTED);
    };
    let batches = settle(&training, &mut config, &folder, options.session)?;
    run.settle(&mut training, &batches, options.session);
    let summary = train(&training, config.training(), &folder, options.session)?;
    if summary.outcome == Outcome::Interrupted {
        return Ok(RunReport {
            training: Some(summary),
            model: None,
        });
    }
    let trained = Trained::load(&folder, training.parameters(), config.training().seed)?;
    let model = run.save(&config, training, trained, &folder)?;
    Ok(RunReport {
        training: Some(summary),
        model: Some(model),
    })
}

/// The configuration, with the micro-batches that a run under a memory limit was
/// started with where that is resumed.
fn started<C: RunConfig>(config: &C, options: &RunOptions<'_>) -> Result<C> {
    let mut config = config.clone();
    if options.resume && config.training().memory_limit.is_some() {
        let stored: C = RunFolder::open(options.folder)?.stored_config()?;
        let training = config.training_mut();
        training.accumulate = training.accumulate.max(stored.training().accumulate);
    }
    Ok(config)
}

#[cfg(test)]
mod tests;
