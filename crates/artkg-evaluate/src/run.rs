use artkg_corpus::{Artwork, Corpus, Split};
use artkg_image::{LoadItem, Loader, View};
use artkg_measure::{ConfidenceMetrics, Prediction, TaskMetrics, mean_accuracy};
use artkg_model::{ModelDescription, Predictor};
use serde::{Deserialize, Serialize};

use crate::consistency::ConsistencyMetrics;
use crate::error::{Error, Result};

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

/// Predicts every artwork of `split` that has an image, and compares.
///
/// Images that cannot be decoded are listed in the result and count nowhere.
/// `progress` is called for every batch: images done, and their total.
///
/// # Errors
/// When the split has no images, or the network refuses an input.
pub fn evaluate(
    predictor: &Predictor,
    corpus: &Corpus,
    split: Split,
    batch_size: usize,
    threads: usize,
    mut progress: impl FnMut(usize, usize),
) -> Result<Evaluation> {
    let artworks: Vec<&Artwork> = corpus
        .split(split)
        .filter(|artwork| artwork.image.is_some())
        .collect();
    let items: Vec<LoadItem> = artworks
        .iter()
        .enumerate()
        .filter_map(|(index, artwork)| {
            Some(LoadItem {
                index,
                path: corpus.image_path(artwork)?,
                view: View::Evaluate,
            })
        })
        .collect();
    if items.is_empty() {
        return Err(Error::Usage(format!(
            "the {split} split of {} has no images to evaluate on",
            corpus.folder.display()
        )));
    }
    let description = predictor.description();
    let total = items.len();
    let loader = Loader::new(
        items,
        description.preprocessing.clone(),
        threads,
        2 * batch_size,
    );
    let mut logits: Vec<Vec<f32>> = vec![Vec::new(); description.vocabularies.len()];
    let (mut evaluated, mut failures) = (Vec::new(), Vec::new());
    for batch in loader.batches(batch_size) {
        failures.extend(batch.failures.iter().map(|(_, error)| error.to_string()));
        let count = batch.indices.len();
        if count > 0 {
            evaluated.extend(batch.indices.iter().map(|index| artworks[*index]));
            let ids: Vec<&str> = evaluated[evaluated.len() - count..]
                .iter()
                .map(|artwork: &&Artwork| artwork.id.as_str())
                .collect();
            let batch = predictor.logits(batch.inputs, &ids)?;
            for (all, batch) in logits.iter_mut().zip(batch) {
                all.extend(batch);
            }
        }
        progress(evaluated.len() + failures.len(), total);
    }
    let targets: Vec<Vec<Option<usize>>> = description
        .vocabularies
        .iter()
        .map(|vocabulary| {
            let target = |artwork: &&Artwork| artwork.target(vocabulary);
            evaluated.iter().map(target).collect()
        })
        .collect();
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
    Ok(Evaluation {
        corpus: corpus.description.name.clone(),
        synthetic: corpus.description.synthetic,
        split,
        model: description.clone(),
        images: evaluated.len(),
        mean_accuracy: mean_accuracy(&tasks),
        tasks,
        consistency,
        failures,
    })
}
