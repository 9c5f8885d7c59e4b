use artkg_vocabulary::{Attribute, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::confidence::ConfidenceMetrics;
use crate::prediction::Prediction;

/// How well one attribute was predicted.
///
/// Artworks without a value for the attribute do not count anywhere. The
/// unknown class is a class like the others, as in the paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskMetrics {
    /// The attribute.
    pub attribute: Attribute,
    /// How many artworks have a value.
    pub examples: usize,
    /// Share whose most probable class is right, in 0..=1.
    pub accuracy: f64,
    /// Share whose five most probable classes include the right one.
    pub top5: f64,
    /// F1 averaged over the classes that occur as truth or prediction.
    pub macro_f1: f64,
    /// Share that the most frequent true class alone would reach.
    pub majority: f64,
    /// One entry a class, in the vocabulary's order.
    pub classes: Vec<ClassMetrics>,
    /// `confusion[truth][prediction]`, in the vocabulary's order.
    pub confusion: Vec<Vec<u64>>,
    /// What the confidences are worth, where they were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<ConfidenceMetrics>,
}

/// How well one class was predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// The class.
    pub class: String,
    /// How many artworks truly belong to it.
    pub support: u64,
    /// How many were predicted to.
    pub predicted: u64,
    /// Share of the predicted that are right; 0 when none was predicted.
    pub precision: f64,
    /// Share of the true ones that were found; 0 when there are none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
}

impl TaskMetrics {
    /// Compares the most probable classes with the truth.
    ///
    /// `logits` is `[artworks, classes]`, row by row; `targets` has one entry
    /// an artwork, `None` for a missing value.
    pub fn compute(vocabulary: &Vocabulary, logits: &[f32], targets: &[Option<usize>]) -> Self {
        let prediction = Prediction::most_probable(logits.to_vec(), vocabulary.len());
        Self::of(vocabulary, &prediction, targets)
    }

    /// Compares what was predicted with the truth, one target an artwork.
    pub fn of(vocabulary: &Vocabulary, prediction: &Prediction, targets: &[Option<usize>]) -> Self {
        let classes = vocabulary.len();
        assert_eq!(prediction.classes, classes, "one column a class");
        assert_eq!(prediction.len(), targets.len(), "one row an artwork");
        let mut confusion = vec![vec![0u64; classes]; classes];
        let mut within_five = 0usize;
        for (row, target) in targets.iter().enumerate() {
            let Some(target) = *target else { continue };
            confusion[target][prediction.chosen[row]] += 1;
            within_five += usize::from(prediction.rank(row, target) < 5);
        }
        let support = |class: usize| confusion[class].iter().sum::<u64>();
        let examples = (0..classes).map(support).sum::<u64>() as usize;
        let correct: u64 = (0..classes).map(|class| confusion[class][class]).sum();
        let per_class: Vec<ClassMetrics> = (0..classes)
            .map(|class| {
                let predicted = confusion.iter().map(|row| row[class]).sum();
                class_metrics(
                    &vocabulary.classes[class],
                    confusion[class][class],
                    support(class),
                    predicted,
                )
            })
            .collect();
        let occurring: Vec<f64> = per_class
            .iter()
            .filter(|class| class.support + class.predicted > 0)
            .map(|class| class.f1)
            .collect();
        Self {
            attribute: vocabulary.attribute,
            examples,
            accuracy: share(correct, examples as u64),
            top5: share(within_five as u64, examples as u64),
            macro_f1: occurring.iter().sum::<f64>() / occurring.len().max(1) as f64,
            majority: share(
                (0..classes).map(support).max().unwrap_or(0),
                examples as u64,
            ),
            classes: per_class,
            confusion,
            confidence: None,
        }
    }
}

/// The mean accuracy over the tasks in which there is a truth: what early stopping
/// watches (paper, section 5).
pub fn mean_accuracy(tasks: &[TaskMetrics]) -> f64 {
    let measured = || tasks.iter().filter(|task| task.examples > 0);
    measured().map(|task| task.accuracy).sum::<f64>() / measured().count().max(1) as f64
}

fn class_metrics(class: &str, correct: u64, support: u64, predicted: u64) -> ClassMetrics {
    ClassMetrics {
        class: class.to_owned(),
        support,
        predicted,
        precision: share(correct, predicted),
        recall: share(correct, support),
        f1: share(2 * correct, support + predicted),
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(known: &[&str]) -> Vocabulary {
        let mut classes = vec![artkg_vocabulary::UNKNOWN.to_owned()];
        classes.extend(known.iter().map(|class| (*class).to_owned()));
        Vocabulary {
            attribute: Attribute::TYPE,
            classes,
            minimum_count: 1,
        }
    }

    #[test]
    fn agrees_with_a_table_worked_by_hand() {
        // Truth 1 1 1 2 2 0, one missing; predictions 1 1 2 2 1 0 (and 2).
        let logits = [
            [0.0, 2.0, 1.0],
            [0.0, 2.0, 1.0],
            [0.0, 1.0, 2.0],
            [0.0, 1.0, 2.0],
            [0.0, 2.0, 1.0],
            [3.0, 2.0, 1.0],
            [0.0, 1.0, 2.0],
        ]
        .concat();
        let targets = [Some(1), Some(1), Some(1), Some(2), Some(2), Some(0), None];
        let metrics = TaskMetrics::compute(&vocabulary(&["a", "b"]), &logits, &targets);
        assert_eq!(metrics.examples, 6);
        assert!((metrics.accuracy - 4.0 / 6.0).abs() < 1e-12);
        assert!((metrics.majority - 0.5).abs() < 1e-12);
        assert_eq!(metrics.confusion, [[1, 0, 0], [0, 2, 1], [0, 1, 1]]);
        assert_eq!(metrics.top5, 1.0, "three classes are within five");
        // F1: unknown 1, a 2*2/(3+3), b 2*1/(2+2).
        let expected = (1.0 + 2.0 / 3.0 + 0.5) / 3.0;
        assert!((metrics.macro_f1 - expected).abs() < 1e-12);
    }

    #[test]
    fn top_five_counts_ranks() {
        let names = ["a", "b", "c", "d", "e", "f"];
        let row = [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
        let logits = [row, row].concat();
        let metrics = TaskMetrics::compute(&vocabulary(&names), &logits, &[Some(4), Some(5)]);
        assert_eq!(metrics.top5, 0.5);
        assert_eq!(metrics.accuracy, 0.0);
    }

    #[test]
    fn a_constant_model_is_not_right_by_ties() {
        let names = ["a", "b", "c", "d", "e", "f"];
        let metrics = TaskMetrics::compute(&vocabulary(&names), &[0.5; 7], &[Some(6)]);
        assert_eq!((metrics.accuracy, metrics.top5), (0.0, 0.0));
    }

    #[test]
    fn nothing_to_compare_is_zero_not_nan() {
        let metrics = TaskMetrics::compute(&vocabulary(&["a"]), &[0.0, 1.0], &[None]);
        assert_eq!(
            (metrics.examples, metrics.accuracy, metrics.macro_f1),
            (0, 0.0, 0.0)
        );
    }
}
