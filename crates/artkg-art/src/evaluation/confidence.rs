use serde::{Deserialize, Serialize};

use super::calibration::Reliability;
use super::selective::RiskCoverage;
use crate::Prediction;

/// A tag that was compared with the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// How sure the model was, in 0..=1.
    pub confidence: f32,
    /// Whether the tag is right.
    pub correct: bool,
}

/// What the confidences of a task are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceMetrics {
    /// Of the confidences that tags are given with.
    pub reliability: Reliability,
    /// Of the head's own probabilities, before temperature.
    pub uncalibrated: Reliability,
    /// What leaving unsure tags out brings.
    pub selection: RiskCoverage,
}

impl ConfidenceMetrics {
    /// Judges the `given` tags of a task, and those of the `head` alone before
    /// temperature; `targets` has one entry an artwork, `None` for a missing
    /// value.
    pub fn compute(given: &Prediction, head: &Prediction, targets: &[Option<usize>]) -> Self {
        let verdicts = verdicts(given, targets);
        Self {
            reliability: Reliability::compute(&verdicts),
            uncalibrated: Reliability::compute(&self::verdicts(head, targets)),
            selection: RiskCoverage::compute(&verdicts),
        }
    }
}

/// The tags of a task beside the truth; those without a target are left out.
pub(crate) fn verdicts(prediction: &Prediction, targets: &[Option<usize>]) -> Vec<Verdict> {
    assert_eq!(prediction.len(), targets.len(), "one target an artwork");
    targets
        .iter()
        .enumerate()
        .filter_map(|(row, target)| {
            Some(Verdict {
                confidence: prediction.confidence(row),
                correct: prediction.chosen[row] == (*target)?,
            })
        })
        .collect()
}
