use crate::append::AppendFile;
use crate::error::{Error, Result};
use crate::record::{EpochRecord, Record, StepRecord};
use crate::run_folder::RunFolder;
use crate::state::State;
use crate::tensorboard::EventWriter;

/// The growing files of a run folder: `metrics.jsonl` and TensorBoard events.
#[derive(Debug)]
pub(crate) struct RunLog {
    metrics: AppendFile,
    events: EventWriter,
}

impl RunLog {
    /// Opens both, cut back to where `state` was saved.
    pub(crate) fn open(folder: &RunFolder, state: &State) -> Result<Self> {
        Ok(Self {
            metrics: AppendFile::open(&folder.metrics_file(), state.metrics_bytes)?,
            events: EventWriter::open(folder.path(), state.events_bytes)?,
        })
    }

    pub(crate) fn step(&mut self, record: StepRecord, overall_step: u64) -> Result<()> {
        let mut values = vec![
            ("loss/total".to_owned(), record.loss),
            ("learning_rate".to_owned(), record.learning_rate),
            ("gradient_norm".to_owned(), record.gradient_norm),
        ];
        let parts = record.parts.iter();
        values.extend(parts.map(|(name, value)| (format!("loss/{name}"), *value)));
        self.events.scalars(overall_step, &values)?;
        self.line(&Record::Step(record))
    }

    /// Records an epoch and waits until all is on disk.
    pub(crate) fn epoch(&mut self, record: EpochRecord, overall_step: u64) -> Result<()> {
        let mut values = vec![
            ("epoch/loss".to_owned(), record.loss),
            (
                "epoch/examples_per_second".to_owned(),
                record.examples_per_second,
            ),
        ];
        let metrics = record.validation.iter();
        values.extend(metrics.map(|(name, value)| (format!("validation/{name}"), *value)));
        self.events.scalars(overall_step, &values)?;
        self.line(&Record::Epoch(record))?;
        self.sync()
    }

    pub(crate) fn sync(&mut self) -> Result<()> {
        self.metrics.sync()?;
        self.events.sync()
    }

    /// Notes the lengths of the files in `state`.
    pub(crate) fn mark(&self, state: &mut State) {
        state.metrics_bytes = self.metrics.length();
        state.events_bytes = self.events.length();
    }

    fn line(&mut self, record: &Record) -> Result<()> {
        let mut line = serde_json::to_vec(record).map_err(|error| Error::Model {
            during: "writing a record".to_owned(),
            source: error.into(),
        })?;
        line.push(b'\n');
        self.metrics.append(&line)
    }
}
