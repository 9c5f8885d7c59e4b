//! Rare classes: what training does so that they get a chance.

use std::sync::Arc;

use artkg_infer::{Example, MASKED};
use artkg_nn::CrossEntropy;
use artkg_vocabulary::Vocabulary;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::fault::Fault;

/// The settings for classes of very different sizes; all off by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImbalanceConfig {
    /// How the examples of an epoch are chosen.
    pub sampling: Sampling,
    /// Weights of classes in the loss, `count^-power`: 0 for none, 1 for the
    /// inverse of the class's size. Their mean over the examples is 1.
    pub class_weights: f64,
    /// The exponent `gamma` of the focal loss (Lin et al., ICCV 2017, section
    /// 3.2); 0 is the cross entropy.
    pub focus: f64,
    /// How much of `log(share of the class)` is added to the logits in training
    /// (logit adjustment, Menon et al., ICLR 2021, section 5); 0 for none, 1 for
    /// the balanced error.
    pub logit_adjustment: f64,
}

/// How the examples of an epoch are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sampling {
    /// Each once, in random order.
    #[default]
    Natural,
    /// As many, drawn with replacement: an example's chance is the mean over the
    /// tasks of the inverse of its class's size.
    Balanced,
}

impl ImbalanceConfig {
    /// Checks the numbers.
    ///
    /// # Errors
    /// The first that makes no sense.
    pub(crate) fn check(&self, label_smoothing: f64) -> Result<()> {
        for (key, value) in [
            ("class_weights", self.class_weights),
            ("focus", self.focus),
            ("logit_adjustment", self.logit_adjustment),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Fault::Negative { key, value }.into());
            }
        }
        if self.focus > 0.0 && label_smoothing > 0.0 {
            return Err(Fault::FocusAndSmoothing.into());
        }
        Ok(())
    }

    /// The loss of each task for the training `examples`.
    pub(crate) fn losses(
        &self,
        vocabularies: &[Vocabulary],
        examples: &[Example],
        label_smoothing: f64,
    ) -> Vec<CrossEntropy> {
        vocabularies
            .iter()
            .enumerate()
            .map(|(task, vocabulary)| {
                let counts = class_counts(examples, task, vocabulary.len());
                CrossEntropy {
                    label_smoothing: label_smoothing as f32,
                    focus: self.focus as f32,
                    class_weights: (self.class_weights > 0.0)
                        .then(|| class_weights(&counts, self.class_weights)),
                    adjustment: (self.logit_adjustment > 0.0)
                        .then(|| logit_adjustment(&counts, self.logit_adjustment)),
                }
            })
            .collect()
    }
}

impl Sampling {
    /// The examples of an epoch.
    pub(crate) fn order(
        self,
        examples: &[Example],
        classes: &[usize],
        generator: &mut Pcg64Mcg,
    ) -> Vec<usize> {
        use rand::seq::SliceRandom;
        let shuffled = |generator: &mut Pcg64Mcg| {
            let mut order: Vec<usize> = (0..examples.len()).collect();
            order.shuffle(generator);
            order
        };
        match self {
            Self::Natural => shuffled(generator),
            // Without any class all weights are zero, and all examples alike.
            Self::Balanced => match WeightedIndex::new(example_weights(examples, classes)) {
                Ok(weights) => weights
                    .sample_iter(generator)
                    .take(examples.len())
                    .collect(),
                Err(_) => shuffled(generator),
            },
        }
    }
}

/// How many of `examples` have each of the `classes` classes of a task.
fn class_counts(examples: &[Example], task: usize, classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    for example in examples {
        if example.targets[task] != MASKED {
            counts[example.targets[task] as usize] += 1;
        }
    }
    counts
}

/// `count^-power`, scaled to the mean 1 over the examples; 1 where there are none.
fn class_weights(counts: &[usize], power: f64) -> Arc<[f32]> {
    let weight = |count: usize| (count.max(1) as f64).powf(-power);
    let total: usize = counts.iter().sum();
    let weighted: f64 = counts
        .iter()
        .map(|&count| count as f64 * weight(count))
        .sum();
    let scale = if weighted > 0.0 {
        total as f64 / weighted
    } else {
        1.0
    };
    counts
        .iter()
        .map(|&count| (scale * weight(count)) as f32)
        .collect()
}

/// `strength` times the logarithm of each class's share; an empty class counts
/// as one of one example.
fn logit_adjustment(counts: &[usize], strength: f64) -> Arc<[f32]> {
    let total = counts.iter().sum::<usize>().max(1) as f64;
    counts
        .iter()
        .map(|&count| (strength * (count.max(1) as f64 / total).ln()) as f32)
        .collect()
}

/// The mean over the tasks of the inverse of the class's size, 0 for a missing value.
fn example_weights(examples: &[Example], classes: &[usize]) -> Vec<f64> {
    let counts: Vec<Vec<usize>> = classes
        .iter()
        .enumerate()
        .map(|(task, &classes)| class_counts(examples, task, classes))
        .collect();
    examples
        .iter()
        .map(|example| {
            example
                .targets
                .iter()
                .zip(&counts)
                .filter(|(target, _)| **target != MASKED)
                .map(|(target, counts)| 1.0 / counts[*target as usize] as f64)
                .sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    /// One task with 8 examples of class 1, 2 of class 2 and one without.
    fn examples() -> Vec<Example> {
        let targets = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, MASKED];
        targets
            .into_iter()
            .enumerate()
            .map(|(index, target)| Example {
                id: index.to_string(),
                path: "not read".into(),
                targets: vec![target],
            })
            .collect()
    }

    #[test]
    fn weights_undo_the_sizes_and_keep_the_mean() {
        let counts = class_counts(&examples(), 0, 3);
        assert_eq!(counts, [0, 8, 2]);
        let weights = class_weights(&counts, 1.0);
        assert!((weights[2] / weights[1] - 4.0).abs() < 1e-5);
        let mean = (8.0 * weights[1] + 2.0 * weights[2]) / 10.0;
        assert!((mean - 1.0).abs() < 1e-6);
        let adjustment = logit_adjustment(&counts, 1.0);
        assert!((adjustment[1] - 0.8f32.ln()).abs() < 1e-6);
        assert!((adjustment[2] - 0.2f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn balanced_sampling_draws_classes_alike() {
        let examples: Vec<Example> = std::iter::repeat_n(examples(), 400).flatten().collect();
        let mut generator = Pcg64Mcg::seed_from_u64(1);
        let order = Sampling::Balanced.order(&examples, &[3], &mut generator);
        assert_eq!(order.len(), examples.len());
        let rare = order
            .iter()
            .filter(|&&index| examples[index].targets[0] == 2)
            .count() as f64;
        assert!((rare / order.len() as f64 - 0.5).abs() < 0.03, "{rare}");
        assert!(
            order
                .iter()
                .all(|&index| examples[index].targets[0] != MASKED)
        );
    }

    #[test]
    fn natural_sampling_shows_each_once() {
        let mut order = Sampling::Natural.order(&examples(), &[3], &mut Pcg64Mcg::seed_from_u64(1));
        order.sort_unstable();
        assert!(order.into_iter().eq(0..11));
    }
}
