//! Keeping quiet when in doubt: how many tags are left, and how many of them
//! are wrong, when only the surest are given.

use serde::{Deserialize, Serialize};

use crate::verdict::Verdict;

/// The points that a stored curve has at most.
const POINTS: usize = 100;

/// The risk–coverage curve of a task (El-Yaniv and Wiener, JMLR 2010).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RiskCoverage {
    /// How many tags the curve was computed from.
    pub examples: usize,
    /// The area under the curve: the risk averaged over coverages from 0 to 1
    /// (Geifman, Uziel and El-Yaniv, ICLR 2019, section 3).
    pub area: f64,
    /// At most 100 points by rising coverage; the last one gives every tag.
    pub points: Vec<SelectionPoint>,
}

/// The effect of giving only tags of at least some confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionPoint {
    /// The share of tags that are given.
    pub coverage: f64,
    /// The share of those that are wrong.
    pub risk: f64,
    /// The least confidence of a tag that is given.
    pub threshold: f32,
}

impl RiskCoverage {
    /// Orders tags by their confidence. Tags of one confidence are given
    /// together or not at all.
    pub fn compute(verdicts: &[Verdict]) -> Self {
        let mut order: Vec<&Verdict> = verdicts.iter().collect();
        order.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
        let total = verdicts.len();
        let mut points: Vec<SelectionPoint> = Vec::new();
        let (mut given, mut wrong, mut area) = (0, 0, 0.0);
        for group in order.chunk_by(|left, right| left.confidence == right.confidence) {
            given += group.len();
            wrong += group.iter().filter(|verdict| !verdict.correct).count();
            let risk = wrong as f64 / given as f64;
            area += group.len() as f64 / total as f64 * risk;
            points.push(SelectionPoint {
                coverage: given as f64 / total as f64,
                risk,
                threshold: group[0].confidence,
            });
        }
        Self {
            examples: total,
            area,
            points: thinned(points),
        }
    }

    /// The point of the highest coverage whose risk is at most `risk`; `None`
    /// when not even the surest tags are right often enough.
    pub fn at_risk(&self, risk: f64) -> Option<SelectionPoint> {
        let mut points = self.points.iter().rev();
        points.find(|point| point.risk <= risk).copied()
    }

    /// The effect of a lowest confidence of `threshold`: the point of the lowest
    /// confidence that reaches it; `None` when no tag does.
    pub fn at_threshold(&self, threshold: f32) -> Option<SelectionPoint> {
        let mut points = self.points.iter().rev();
        points.find(|point| point.threshold >= threshold).copied()
    }
}

/// [`POINTS`] of the points, spread evenly, the last one among them.
fn thinned(points: Vec<SelectionPoint>) -> Vec<SelectionPoint> {
    if points.len() <= POINTS {
        return points;
    }
    (1..=POINTS)
        .map(|place| points[(place * points.len()).div_ceil(POINTS) - 1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[(f32, bool)]) -> RiskCoverage {
        let verdict = |&(confidence, correct)| Verdict {
            confidence,
            correct,
        };
        RiskCoverage::compute(&values.iter().map(verdict).collect::<Vec<_>>())
    }

    #[test]
    fn agrees_with_a_curve_worked_by_hand() {
        let curve = curve(&[
            (0.5, false),
            (0.9, true),
            (0.7, false),
            (0.8, true),
            (0.7, true),
        ]);
        let points: Vec<(f64, f64)> = curve
            .points
            .iter()
            .map(|point| (point.coverage, point.risk))
            .collect();
        // The two tags of 0.7 come together.
        assert_eq!(points, [(0.2, 0.0), (0.4, 0.0), (0.8, 0.25), (1.0, 0.4)]);
        let area = 0.2 * 0.0 + 0.2 * 0.0 + 0.4 * 0.25 + 0.2 * 0.4;
        assert!((curve.area - area).abs() < 1e-12);
        assert_eq!(curve.at_risk(0.3).unwrap().threshold, 0.7);
        assert_eq!(curve.at_risk(0.1).unwrap().threshold, 0.8);
        assert_eq!(curve.at_risk(0.5).unwrap().coverage, 1.0);
        assert_eq!(curve.at_threshold(0.75).unwrap().coverage, 0.4);
        assert_eq!(curve.at_threshold(0.0).unwrap().coverage, 1.0);
        assert!(curve.at_threshold(0.95).is_none());
    }

    #[test]
    fn without_a_right_tag_no_risk_below_one_can_be_had() {
        assert!(curve(&[(0.9, false), (0.8, false)]).at_risk(0.5).is_none());
        let nothing = RiskCoverage::compute(&[]);
        assert_eq!((nothing.area, nothing.points.len()), (0.0, 0));
        assert!(nothing.at_risk(0.5).is_none());
    }

    #[test]
    fn long_curves_are_thinned_and_keep_their_end_and_area() {
        let values: Vec<(f32, bool)> = (0..1234)
            .map(|place| (1.0 - place as f32 / 2000.0, place % 3 > 0))
            .collect();
        let curve = curve(&values);
        assert_eq!((curve.points.len(), curve.examples), (POINTS, 1234));
        assert_eq!(curve.points[99].coverage, 1.0);
        let is_rising = |pair: &[SelectionPoint]| pair[0].coverage < pair[1].coverage;
        assert!(curve.points.windows(2).all(is_rising));
        // A third is wrong at every coverage, but for the first few.
        assert!((curve.area - 1.0 / 3.0).abs() < 0.01, "{}", curve.area);
    }
}
