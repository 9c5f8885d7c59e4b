use artkg_corpus::{Corpus, Split};
use artkg_infer::{ScoreOptions, score_split};
use artkg_measure::{ConfidenceMetrics, Prediction, TaskMetrics, mean_accuracy};
use artkg_model::{ModelDescription, Predictor};
use artkg_session::Session;
use serde::{Deserialize, Serialize};

use crate::consistency::ConsistencyMetrics;
use crate::error::{Error, Result};
use crate::shared::SharedClasses;

/// A model compared with the truth on one split of a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The corpus's name.
    pub corpus: String,
    /// Whether the corpus was generated.
    pub synthetic: bool,
    /// The split.
    pub split: Split,
    /// The model.
    pub model: ModelDescription,
    /// How many images were compared.
    pub images: usize,
    /// What the model's classes and the artworks' values have in common, one entry a
    /// task; older files lack it.
    #[serde(default)]
    pub shared: Vec<SharedClasses>,
    /// One entry a task.
    pub tasks: Vec<TaskMetrics>,
    /// The mean of the tasks' accuracies.
    pub mean_accuracy: f64,
    /// What choosing the tags jointly did, where they were; `tasks` is then of
    /// the jointly most probable tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<ConsistencyMetrics>,
    /// Images that could not be used, one message each.
    pub failures: Vec<String>,
}

/// Predicts every artwork of `split` that has an image, `batch_size` together, and
/// compares. `None` when that was interrupted.
///
/// Images that cannot be decoded are listed in the result and count nowhere.
///
/// # Errors
/// When no artwork of the split has a value that is a class of the model, so that
/// there is nothing to compare; when the split has no images, or the network refuses
/// an input.
pub fn evaluate(
    predictor: &Predictor,
    corpus: &Corpus,
    split: Split,
    batch_size: usize,
    session: &Session,
) -> Result<Option<Evaluation>> {
    let vocabularies = predictor.description().vocabularies.iter();
    let shared: Vec<SharedClasses> = vocabularies
        .map(|vocabulary| SharedClasses::of(vocabulary, corpus, split))
        .collect();
    let has_images = corpus.split(split).any(|work| work.image.is_some());
    if has_images && shared.iter().all(SharedClasses::is_nothing) {
        return Err(Error::NothingShared {
            corpus: corpus.folder.clone(),
            split,
            learned_from: predictor.description().provenance.data.name.clone(),
            shared,
        });
    }
    let options = ScoreOptions {
        activations: None,
        batch_size,
        vectors: false,
    };
    let scores = score_split(predictor, corpus, split, &options, session)?;
    let Some(scores) = scores else {
        return Ok(None);
    };
    let description = predictor.description();
    let (logits, targets) = (scores.logits, scores.targets);
    let predictions = predictor.predict(&logits);
    let tasks: Vec<TaskMetrics> = (0..targets.len())
        .map(|task| {
            let vocabulary = &description.vocabularies[task];
            let raw = Prediction::calibrated(&logits[task], vocabulary.len(), 1.0);
            TaskMetrics {
                confidence: Some(ConfidenceMetrics::compute(
                    &predictions[task],
                    &raw,
                    &targets[task],
                )),
                ..TaskMetrics::of(vocabulary, &predictions[task], &targets[task])
            }
        })
        .collect();
    let consistency = predictor.joint().map(|joint| {
        let heads = predictor.heads(&logits);
        ConsistencyMetrics::compute(joint, &heads, &predictions, &targets)
    });
    Ok(Some(Evaluation {
        corpus: corpus.description.name.clone(),
        synthetic: corpus.description.synthetic,
        split,
        model: description.clone(),
        images: scores.ids.len(),
        mean_accuracy: mean_accuracy(&tasks),
        shared,
        tasks,
        consistency,
        failures: scores.failures,
    }))
}
