//! What fine-tuned classifiers say of examples, for models that learn from it
//! (paper, table 3, "+Attributes").

use std::borrow::Borrow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use artkg_image::Preprocessing;
use artkg_measure::probabilities;
use artkg_model::{ModelDescription, Predictor, SideRow, SideValues, StoredModel};
use artkg_session::Session;
use artkg_vision::Stage;

use crate::error::{Error, Result};
use crate::examples::{Example, MASKED};
use crate::frozen_part::FrozenPart;
use crate::inputs::{ExampleSet, Inputs};
use crate::scores::Scores;

/// Examples that the classifiers see together.
const BATCH_SIZE: usize = 32;

/// Loads the classifiers onto the session's device; they must see images as the new model
/// does. What nothing vouches for is told.
///
/// # Errors
/// When a file is no model, or its model does not fit.
pub fn load_classifiers(
    paths: &[PathBuf],
    preprocessing: &Preprocessing,
    session: &Session,
) -> Result<Vec<StoredModel>> {
    paths
        .iter()
        .map(|path| {
            let path = path.clone();
            let stored = StoredModel::load(&path, session.device())?;
            session.vouch(&path, stored.checksum.as_ref());
            if stored.description.preprocessing != *preprocessing {
                return Err(Error::OtherPreprocessing { path });
            }
            if stored.description.side.is_some() {
                return Err(Error::NeedsMore { path });
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

/// The calibrated probabilities of all heads of the classifiers, `width` in all, side by
/// side, for each of `examples`, from the activations of their frozen parts in the folder
/// `cache`. The classifiers come one at a time, each with its frozen part, so that no more
/// than one need be in memory. `None` when that was interrupted.
///
/// # Errors
/// When the cache cannot be written or a network fails.
pub fn attribute_values<P: Borrow<Predictor>>(
    classifiers: impl Iterator<Item = Result<(P, FrozenPart)>>,
    width: usize,
    examples: &[Example],
    cache: &Path,
    session: &Session,
) -> Result<Option<SideValues>> {
    let mut rows: HashMap<String, Vec<f32>> = HashMap::new();
    let mut start = 0;
    for classifier in classifiers {
        let (classifier, part) = classifier?;
        let (classifier, part) = (classifier.borrow(), &part);
        // The targets are those of the new model's tasks, and are not looked at.
        let targets = vec![MASKED; classifier.description().vocabularies.len()];
        let examples = examples
            .iter()
            .map(|example| Example {
                targets: targets.clone(),
                ..example.clone()
            })
            .collect();
        let inputs = Inputs::of_model(classifier, part, cache);
        let Some([set]) = inputs.open([(examples, false)], session)? else {
            return Ok(None);
        };
        start = fill(classifier, part.stage, &set, &mut rows, start, width)?;
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
    classifier: &Predictor,
    from: Stage,
    set: &ExampleSet,
    rows: &mut HashMap<String, Vec<f32>>,
    mut start: usize,
    width: usize,
) -> Result<usize> {
    let description = classifier.description();
    let mut scores = Scores::new(description.vocabularies.len(), false);
    for batch in set.batches(BATCH_SIZE) {
        scores.add(classifier, from, set, batch?, None)?;
    }
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
