//! What fine-tuned classifiers say of examples, for models that learn from it
//! (paper, table 3, "+Attributes").

use std::collections::HashMap;
use std::path::PathBuf;

use artkg_image::Preprocessing;

use artkg_measure::probabilities;
use artkg_model::{ModelDescription, SideRow, SideValues, StoredModel};

use crate::error::{Error, Result};
use crate::examples::Example;
use crate::inputs::{ExampleSet, Opening};
use crate::scores::scores;

/// Examples that the classifiers see together.
const BATCH_SIZE: usize = 32;

/// Loads the classifiers, which must see images as the new model does.
///
/// # Errors
/// When a file is no model, or its model does not fit.
pub fn load_classifiers(
    paths: &[PathBuf],
    preprocessing: &Preprocessing,
) -> Result<Vec<StoredModel>> {
    paths
        .iter()
        .map(|path| {
            let stored = StoredModel::load(path)?;
            let refuse = |reason: &str| Err(Error::Usage(format!("{}: {reason}", path.display())));
            if stored.description.preprocessing != *preprocessing {
                return refuse(
                    "this model was trained on images of another size or normalisation; train it \
                     with the same --resize and --crop",
                );
            }
            if stored.description.side.is_some() {
                return refuse(
                    "this model itself needs more than the image; pass models of --mode finetune",
                );
            }
            Ok(stored)
        })
        .collect()
}

/// How many numbers all heads of the classifiers give.
pub fn width<'a>(models: impl Iterator<Item = &'a ModelDescription>) -> usize {
    let heads = models.flat_map(|model| &model.vocabularies);
    heads.map(|vocabulary| vocabulary.len()).sum()
}

/// The calibrated probabilities of all heads of the classifiers, side by side,
/// for each of `examples`. `None` when that was interrupted.
///
/// # Errors
/// When the cache cannot be written or a network fails.
pub fn attribute_values(
    classifiers: &[StoredModel],
    examples: &[Example],
    opening: &Opening<'_>,
    on_extraction: &mut dyn FnMut(usize, usize),
) -> Result<Option<SideValues>> {
    let width = width(classifiers.iter().map(|model| &model.description));
    let mut rows: HashMap<String, Vec<f32>> = HashMap::new();
    let mut start = 0;
    for classifier in classifiers {
        let description = &classifier.description;
        let inputs = opening.inputs_of(classifier);
        // The targets are those of the new model's tasks, and are not looked at.
        let targets = vec![crate::MASKED; description.vocabularies.len()];
        let examples = examples
            .iter()
            .map(|example| Example {
                targets: targets.clone(),
                ..example.clone()
            })
            .collect();
        let Some([set]) = inputs.open([(examples, false)], on_extraction)? else {
            return Ok(None);
        };
        start = fill(classifier, &set, &mut rows, start, width)?;
    }
    let rows = rows
        .into_iter()
        .map(|(id, row)| (id, SideRow::Dense(row)))
        .collect();
    Ok(Some(SideValues::new(width, rows)))
}

/// Writes what one classifier says into `rows` from the column `start`; returns
/// the column behind it.
fn fill(
    classifier: &StoredModel,
    set: &ExampleSet,
    rows: &mut HashMap<String, Vec<f32>>,
    mut start: usize,
    width: usize,
) -> Result<usize> {
    let description = &classifier.description;
    let scores = scores(&classifier.model, description.frozen, set, None, BATCH_SIZE)?;
    for ((task, vocabulary), temperature) in scores
        .tasks
        .iter()
        .zip(&description.vocabularies)
        .zip(&description.temperatures)
    {
        let classes = vocabulary.len();
        let probabilities = probabilities(&task.logits, classes, *temperature);
        for (&example, row) in scores
            .examples
            .iter()
            .zip(probabilities.chunks_exact(classes))
        {
            let id = &set.examples[example].id;
            let values = rows.entry(id.clone()).or_insert_with(|| vec![0.0; width]);
            values[start..start + classes].copy_from_slice(row);
        }
        start += classes;
    }
    Ok(start)
}
