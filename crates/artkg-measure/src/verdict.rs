use crate::prediction::Prediction;

/// A tag that was compared with the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// How sure the model was, in 0..=1.
    pub confidence: f32,
    /// Whether the tag is right.
    pub correct: bool,
}

/// The tags of a task beside the truth; those without a target are left out.
pub fn verdicts(prediction: &Prediction, targets: &[Option<usize>]) -> Vec<Verdict> {
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
