//! What a model learns about its own tags when training has ended: honest
//! confidences, how many tags are wrong above each of them, and which tags go
//! together.

use artkg_corpus::{Corpus, Split, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::Prediction;
use crate::calibration::fit_temperature;
use crate::evaluation::{RiskCoverage, verdicts};
use crate::joint::{CoOccurrence, JointPrior};
use crate::scores::TaskScores;

/// Risk–coverage curves on the validation split, one per task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// Of tags that each head chooses for itself.
    pub independent: Vec<RiskCoverage>,
    /// Of the jointly most probable tags; empty where there is one task only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consistent: Vec<RiskCoverage>,
}

/// What is fitted on the validation split.
pub(crate) struct Trust {
    /// One calibrating temperature a head.
    pub(crate) temperatures: Vec<f32>,
    /// What `--abstain-risk` takes its thresholds from.
    pub(crate) selection: Selection,
    /// What `--consistent` knows; `None` where there is one task only.
    pub(crate) joint: Option<JointPrior>,
}

impl Trust {
    /// Fits to the `scores` of the validation split, one entry a head. Which tags
    /// go together comes from the training artworks of `corpus`.
    pub(crate) fn fit(vocabularies: &[Vocabulary], scores: &[TaskScores], corpus: &Corpus) -> Self {
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
        let joint = (vocabularies.len() > 1).then(|| {
            let works = corpus.split(Split::Train);
            let counts = CoOccurrence::count(vocabularies, works);
            JointPrior::fit(counts, &heads, &targets)
        });
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
