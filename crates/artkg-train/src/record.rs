use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::trainable::Metrics;

/// One step, as `metrics.jsonl` records it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The step in the epoch, from 1.
    pub step: usize,
    /// Examples in the batch.
    pub examples: usize,
    /// The batch's loss before the update.
    pub loss: f64,
    /// The loss's parts.
    pub parts: BTreeMap<String, f64>,
    /// The learning rate of a group with factor 1.
    pub learning_rate: f64,
    /// The global norm of the gradient before clipping.
    pub gradient_norm: f64,
}

/// One epoch, as `metrics.jsonl` records it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Mean training loss of an example.
    pub loss: f64,
    /// Means of the loss's parts.
    pub parts: BTreeMap<String, f64>,
    /// Validation metrics after the epoch; those that aren't finite are left
    /// out.
    pub validation: Metrics,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Whether this is the best epoch so far.
    pub best: bool,
    /// Time spent on training steps, in seconds.
    pub seconds: f64,
    /// Time spent on validation, in seconds.
    pub validation_seconds: f64,
    /// Training examples a second.
    pub examples_per_second: f64,
}

/// A line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Record {
    /// A step.
    Step(StepRecord),
    /// An epoch.
    Epoch(EpochRecord),
}

impl Record {
    /// Reads all records of a `metrics.jsonl`. A last line without an end is
    /// one that was being written when its run was killed, and left out.
    ///
    /// # Errors
    /// [`Error::File`], and [`Error::Record`] naming the line that is not a
    /// record.
    pub fn read_all(path: &Path) -> Result<Vec<Self>> {
        let text = artkg_files::read_whole_lines(path)?;
        text.lines()
            .enumerate()
            .map(|(index, line)| {
                serde_json::from_str(line).map_err(|source| Error::Record {
                    path: path.to_path_buf(),
                    line: index + 1,
                    source,
                })
            })
            .collect()
    }
}
