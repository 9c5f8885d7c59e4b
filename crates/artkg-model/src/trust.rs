//! What a model learns about its own tags when training has ended: honest
//! confidences, how many tags are wrong above each of them, and which tags go
//! together.

use artkg_measure::{Prediction, RiskCoverage, fit_temperature, verdicts};
use artkg_vocabulary::Vocabulary;

use crate::joint::{CoOccurrence, JointPrior};
use crate::selection::Selection;

/// The scores of one head beside the truth.
#[derive(Clone, Debug, Default)]
pub struct TaskScores {
    /// `[examples, classes]`, row by row.
    pub logits: Vec<f32>,
    /// One entry an example; `None` for a missing value.
    pub targets: Vec<Option<usize>>,
}

/// What is fitted on the validation split.
pub struct Trust {
    /// One calibrating temperature a head.
    pub temperatures: Vec<f32>,
    /// What `--abstain-risk` takes its thresholds from.
    pub selection: Selection,
    /// What `--consistent` knows; `None` where there is one task only.
    pub joint: Option<JointPrior>,
}

impl Trust {
    /// Fits to the `scores` of the validation split, one entry a head; `counts` says
    /// which tags the training artworks have together.
    pub fn fit(vocabularies: &[Vocabulary], scores: &[TaskScores], counts: CoOccurrence) -> Self {
        let temperatures: Vec<f32> = vocabularies
            .iter()
            .zip(scores)
            .map(|(vocabulary, scores)| {
                fit_temperature(&scores.logits, vocabulary.len(), &scores.targets)
            })
            .collect();
        let heads: Vec<Prediction> = vocabularies
            .iter()
            .zip(scores)
            .zip(&temperatures)
            .map(|((vocabulary, scores), temperature)| {
                Prediction::calibrated(&scores.logits, vocabulary.len(), *temperature)
            })
            .collect();
        let targets: Vec<&[Option<usize>]> =
            scores.iter().map(|task| task.targets.as_slice()).collect();
        let curves = |predictions: &[Prediction]| {
            predictions
                .iter()
                .zip(&targets)
                .map(|(prediction, targets)| RiskCoverage::compute(&verdicts(prediction, targets)))
                .collect()
        };
        let joint = (vocabularies.len() > 1).then(|| JointPrior::fit(counts, &heads, &targets));
        Self {
            selection: Selection {
                independent: curves(&heads),
                consistent: joint.as_ref().map_or_else(Vec::new, |prior| {
                    curves(&prior.prepare(None).predict(&heads))
                }),
            },
            temperatures,
            joint,
        }
    }
}
