use serde::{Deserialize, Serialize};

use crate::prediction::Prediction;
use crate::reliability::Reliability;
use crate::risk_coverage::RiskCoverage;
use crate::verdict::verdicts;

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
        let given = verdicts(given, targets);
        Self {
            reliability: Reliability::compute(&given),
            uncalibrated: Reliability::compute(&verdicts(head, targets)),
            selection: RiskCoverage::compute(&given),
        }
    }
}
