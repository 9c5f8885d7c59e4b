use std::path::Path;

use artkg_art::ArtConfig;
use artkg_measure::Prediction;
use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::row::Row;

/// The result of one run of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// The row.
    pub row: Row,
    /// The seed.
    pub seed: u64,
    /// All settings, those of the first task where each has a network of its own.
    pub config: ArtConfig,
    /// Whether the network started from random weights because its own could not
    /// be had.
    pub random_weights: bool,
    /// What made the captions, for `captions`.
    pub captioner: Option<String>,
    /// Parameters, those of all networks together.
    pub parameters: usize,
    /// Parameters that were trained.
    pub trained_parameters: usize,
    /// Finished epochs, of all networks together.
    pub epochs: usize,
    /// Time spent on training steps.
    pub training_seconds: f64,
    /// Training images a second.
    pub images_per_second: f64,
    /// Validation accuracy by epoch, the mean over the tasks; of each network.
    pub curves: Vec<Vec<f64>>,
    /// The artworks of the test split, in the order of the predictions.
    pub ids: Vec<String>,
    /// One entry a task.
    pub tasks: Vec<TaskResult>,
    /// The same for the tags that go best together under the graph; empty for
    /// networks of one task.
    #[serde(default)]
    pub consistent: Vec<TaskResult>,
}

/// The result of one run in one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskResult {
    /// The attribute.
    pub attribute: Attribute,
    /// The classes.
    pub classes: Vec<String>,
    /// Accuracy on the validation split.
    pub validation: f64,
    /// Accuracy on the test split.
    pub accuracy: f64,
    /// The predicted class of each artwork of the test split.
    pub predicted: Vec<usize>,
    /// The true one; none where the value is missing.
    pub targets: Vec<Option<usize>>,
}

impl TaskResult {
    /// Compares the chosen classes of both splits with the truth.
    pub(crate) fn new(vocabulary: &Vocabulary, validation: Chosen<'_>, test: Chosen<'_>) -> Self {
        Self {
            attribute: vocabulary.attribute,
            classes: vocabulary.classes.clone(),
            validation: validation.accuracy(),
            accuracy: test.accuracy(),
            predicted: test.prediction.chosen.clone(),
            targets: test.targets.to_vec(),
        }
    }

    /// Whether any artwork of the test split has a value.
    pub(crate) fn is_measured(&self) -> bool {
        self.targets.iter().any(Option::is_some)
    }

    /// Whether each artwork of the test split is right; none where the value is
    /// missing.
    pub fn correct(&self) -> impl Iterator<Item = Option<bool>> {
        let pairs = self.targets.iter().zip(&self.predicted);
        pairs.map(|(target, predicted)| target.map(|target| target == *predicted))
    }
}

/// The classes that a model chose on a split, beside the truth.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'a> {
    pub(crate) prediction: &'a Prediction,
    pub(crate) targets: &'a [Option<usize>],
}

impl Chosen<'_> {
    /// The share that is right, missing values left out.
    fn accuracy(self) -> f64 {
        let pairs = self.targets.iter().zip(&self.prediction.chosen);
        let right: Vec<bool> = pairs
            .filter_map(|(target, chosen)| Some((*target)? == *chosen))
            .collect();
        right.iter().filter(|right| **right).count() as f64 / right.len().max(1) as f64
    }
}

impl RunResult {
    /// Reads a result; `None` where there is none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let text = artkg_files::read_text(path)?;
        serde_json::from_str(&text).map(Some).map_err(|error| {
            let path = path.display();
            Error::Usage(format!(
                "{path}: {error}; delete the file to run this row again"
            ))
        })
    }

    /// Writes the result.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec(self)
            .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
        Ok(artkg_files::write_bytes(path, &json)?)
    }
}

/// The mean of some numbers, 0 for none.
pub(crate) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}
