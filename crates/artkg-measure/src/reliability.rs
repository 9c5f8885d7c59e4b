//! Whether confidences are honest.

use serde::{Deserialize, Serialize};

use crate::verdict::Verdict;

/// The bins of a reliability diagram (Guo et al., ICML 2017, section 4).
pub const RELIABILITY_BINS: usize = 15;

/// How well confidences agree with the share of tags that are right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The expected calibration error: the distance between mean confidence and
    /// accuracy of a bin, averaged over the bins by their examples, in 0..=1
    /// (Guo et al., ICML 2017, equation 3).
    pub calibration_error: f64,
    /// The bins: [`RELIABILITY_BINS`] of equal width, by rising confidence.
    pub bins: Vec<ReliabilityBin>,
}

/// The tags with a confidence in `(lower, upper]`; the first bin has 0 as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// The confidence that the bin begins behind.
    pub lower: f64,
    /// The highest confidence of the bin.
    pub upper: f64,
    /// How many tags fall into it.
    pub examples: usize,
    /// Their mean confidence; 0 without any.
    pub confidence: f64,
    /// The share of them that is right; 0 without any.
    pub accuracy: f64,
}

impl Reliability {
    /// Sorts tags into bins by their confidence.
    pub fn compute(verdicts: &[Verdict]) -> Self {
        let mut sums = [(0usize, 0f64, 0usize); RELIABILITY_BINS];
        for verdict in verdicts {
            let place = (f64::from(verdict.confidence) * RELIABILITY_BINS as f64).ceil();
            let (examples, confidence, correct) =
                &mut sums[(place as usize).clamp(1, RELIABILITY_BINS) - 1];
            *examples += 1;
            *confidence += f64::from(verdict.confidence);
            *correct += usize::from(verdict.correct);
        }
        let edge = |place: usize| place as f64 / RELIABILITY_BINS as f64;
        let bins: Vec<ReliabilityBin> = sums
            .iter()
            .enumerate()
            .map(|(place, &(examples, confidence, correct))| {
                let count = examples.max(1) as f64;
                ReliabilityBin {
                    lower: edge(place),
                    upper: edge(place + 1),
                    examples,
                    confidence: confidence / count,
                    accuracy: correct as f64 / count,
                }
            })
            .collect();
        let total = verdicts.len().max(1) as f64;
        let calibration_error = bins
            .iter()
            .map(|bin| bin.examples as f64 / total * (bin.accuracy - bin.confidence).abs())
            .sum();
        Self {
            calibration_error,
            bins,
        }
    }

    /// Mean confidence and accuracy of the bins that hold any tag: the curve of
    /// the reliability diagram.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        let filled = self.bins.iter().filter(|bin| bin.examples > 0);
        filled.map(|bin| (bin.confidence, bin.accuracy)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(values: &[(f32, bool)]) -> Vec<Verdict> {
        let verdict = |&(confidence, correct)| Verdict {
            confidence,
            correct,
        };
        values.iter().map(verdict).collect()
    }

    #[test]
    fn agrees_with_bins_worked_by_hand() {
        // Bin 14 is (13/15, 14/15], bin 8 is (7/15, 8/15], bin 9 is (8/15, 9/15].
        let reliability = Reliability::compute(&verdicts(&[
            (0.9, true),
            (0.88, false),
            (0.92, true),
            (0.5, false),
            (0.59, true),
        ]));
        assert_eq!(reliability.bins.len(), RELIABILITY_BINS);
        let bin = &reliability.bins[13];
        assert_eq!(bin.examples, 3);
        assert!((bin.confidence - 0.9).abs() < 1e-6);
        assert!((bin.accuracy - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(reliability.bins[7].examples, 1);
        assert_eq!(reliability.bins[8].examples, 1);
        assert_eq!(reliability.curve().len(), 3);
        let expected = 0.6 * (0.9 - 2.0 / 3.0) + 0.2 * 0.5 + 0.2 * 0.41;
        assert!((reliability.calibration_error - expected).abs() < 1e-6);
    }

    #[test]
    fn the_ends_of_the_scale_have_bins() {
        let reliability = Reliability::compute(&verdicts(&[(0.0, false), (1.0, true)]));
        assert_eq!(reliability.bins[0].examples, 1);
        assert_eq!(reliability.bins[14].examples, 1);
        assert_eq!(reliability.calibration_error, 0.0);
        assert_eq!(Reliability::compute(&[]).calibration_error, 0.0);
    }
}
