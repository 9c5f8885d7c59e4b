use serde::{Deserialize, Serialize};

use artkg_measure::Prediction;
use artkg_model::Joint;

/// What choosing the tags of an image jointly does to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsistencyMetrics {
    /// How much counted which tags go together; 0 is not at all.
    pub strength: f64,
    /// The accuracies of each task.
    pub tasks: Vec<TaskAccuracies>,
    /// The share of images with two tags that no training work has together,
    /// when each head chooses for itself.
    pub conflicts_alone: f64,
    /// The same of the jointly most probable tags.
    pub conflicts_together: f64,
    /// The share of images with all tags right, of those with all values known,
    /// when each head chooses for itself.
    pub all_right_alone: f64,
    /// The same of the jointly most probable tags.
    pub all_right_together: f64,
}

/// The accuracy of a task by the way in which tags are chosen, in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskAccuracies {
    /// Each head chooses for itself.
    pub alone: f64,
    /// The class that is most probable under the joint model, whatever the
    /// other tags are.
    pub marginal: f64,
    /// The jointly most probable tags.
    pub together: f64,
}

impl ConsistencyMetrics {
    /// Compares what the `heads` choose with what is chosen jointly: one entry a
    /// task, and one target an image, `None` for a missing value.
    pub fn compute(
        joint: &Joint,
        heads: &[Prediction],
        together: &[Prediction],
        targets: &[Vec<Option<usize>>],
    ) -> Self {
        let marginal: Vec<Prediction> = together
            .iter()
            .map(|task| Prediction::most_probable(task.probabilities.clone(), task.classes))
            .collect();
        let tasks = (0..targets.len())
            .map(|task| TaskAccuracies {
                alone: accuracy(&heads[task], &targets[task]),
                marginal: accuracy(&marginal[task], &targets[task]),
                together: accuracy(&together[task], &targets[task]),
            })
            .collect();
        let conflicts = |predictions: &[Prediction]| {
            let images = predictions.first().map_or(0, Prediction::len);
            let clashes = |&image: &usize| {
                !joint
                    .counts()
                    .conflicts(&tags(predictions, image))
                    .is_empty()
            };
            share((0..images).filter(clashes).count(), images)
        };
        Self {
            strength: joint.strength(),
            tasks,
            conflicts_alone: conflicts(heads),
            conflicts_together: conflicts(together),
            all_right_alone: all_right(heads, targets),
            all_right_together: all_right(together, targets),
        }
    }
}

fn tags(predictions: &[Prediction], image: usize) -> Vec<usize> {
    predictions.iter().map(|task| task.chosen[image]).collect()
}

fn accuracy(prediction: &Prediction, targets: &[Option<usize>]) -> f64 {
    let known = targets.iter().flatten().count();
    let pairs = prediction.chosen.iter().zip(targets);
    share(
        pairs
            .filter(|(class, target)| Some(**class) == **target)
            .count(),
        known,
    )
}

fn all_right(predictions: &[Prediction], targets: &[Vec<Option<usize>>]) -> f64 {
    let images = predictions.first().map_or(0, Prediction::len);
    let truth =
        |image: usize| -> Option<Vec<usize>> { targets.iter().map(|task| task[image]).collect() };
    let (mut known, mut right) = (0, 0);
    for image in 0..images {
        let Some(truth) = truth(image) else { continue };
        known += 1;
        right += usize::from(truth == tags(predictions, image));
    }
    share(right, known)
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
