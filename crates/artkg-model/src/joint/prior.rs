use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use artkg_measure::{Prediction, golden_section};

use super::counts::CoOccurrence;
use super::inference::{Joint, WeightedEdge};
use super::tree::dependencies;

/// Works that a class is taken to have beside those counted, spread as is expected of
/// them or else as all works are: additive smoothing, so that nothing is impossible.
const PSEUDO_WORKS: f64 = 1.0;

/// The highest strength and discount that are tried.
const LARGEST: f64 = 2.0;

/// Which classes go together among the training works, and how much that
/// counts: what a model file keeps.
///
/// The joint model of an image is the product of the heads' calibrated
/// probabilities, to the power `1 / (1 + discount · strength)`, and of
/// `P(child, parent) / (P(child) P(parent))` to the power `strength` for each
/// edge of a tree of tasks. The heads' own probabilities hold how frequent a
/// class is; the quotients add only what classes say of each other. Heads see
/// the same features and are wrong together, hence the discount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JointPrior {
    counts: CoOccurrence,
    strength: f64,
    discount: f64,
}

impl JointPrior {
    /// Fits strength and discount: those under which the joint model's marginals
    /// have the highest likelihood, averaged over tasks, given what the `heads`
    /// say of the validation works and their `targets`.
    pub fn fit(counts: CoOccurrence, heads: &[Prediction], targets: &[&[Option<usize>]]) -> Self {
        const ROUNDS: usize = 4;
        const TOLERANCE: f64 = 0.01;
        let mut prior = Self {
            counts,
            strength: 0.0,
            discount: 0.0,
        };
        if targets.iter().all(|task| task.iter().all(Option::is_none)) {
            return prior;
        }
        let loss = |prior: &Self| negative_log_likelihood(&prior.prepare(None), heads, targets);
        let mut trial = prior.clone();
        for _ in 0..ROUNDS {
            trial.strength = golden_section((0.0, LARGEST), TOLERANCE, |strength| {
                loss(&Self {
                    strength,
                    ..trial.clone()
                })
            });
            trial.discount = golden_section((0.0, LARGEST), TOLERANCE, |discount| {
                loss(&Self {
                    discount,
                    ..trial.clone()
                })
            });
        }
        if loss(&trial) < loss(&prior) {
            prior = trial;
        }
        prior
    }

    /// Which classes go together.
    pub fn counts(&self) -> &CoOccurrence {
        &self.counts
    }

    /// The fitted strength.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// Checks that the prior is for tasks with this many `classes`; says why not.
    ///
    /// # Errors
    /// When it is of others, or its numbers make no sense.
    pub fn check(&self, classes: &[usize]) -> Result<(), String> {
        for value in [self.strength, self.discount] {
            if !value.is_finite() || value < 0.0 {
                return Err(format!("the joint model has a weight of {value}"));
            }
        }
        self.counts.check(classes)
    }

    /// The joint model with the fitted strength, or a given one.
    pub fn prepare(&self, strength: Option<f64>) -> Joint {
        let strength = strength.unwrap_or(self.strength);
        let edges = dependencies(&self.counts).into_iter().map(|edge| {
            let weights = quotients(&self.counts, edge.parent, edge.child);
            WeightedEdge {
                edge,
                weights: weights.iter().map(|weight| weight.powf(strength)).collect(),
            }
        });
        let evidence = 1.0 / (1.0 + self.discount * strength);
        Joint::new(self.counts.clone(), (strength, evidence), edges.collect())
    }
}

/// `P(child | parent) / P(child)` for each pair of classes, `[classes of parent,
/// classes of child]`, all of them positive.
fn quotients(counts: &CoOccurrence, parent: usize, child: usize) -> Vec<f64> {
    let singles = counts.singles(child);
    let classes = singles.len();
    let uniform = PSEUDO_WORKS / classes as f64;
    let total: f64 = singles.iter().sum::<f64>() + PSEUDO_WORKS;
    let frequencies: Vec<f64> = singles
        .iter()
        .map(|works| (works + uniform) / total)
        .collect();
    let mut quotients = counts.pairs(parent, child);
    let expected = counts.expected(parent, child).into_iter();
    for (row, expected) in quotients.chunks_exact_mut(classes).zip(expected) {
        let works = row.iter().sum::<f64>() + PSEUDO_WORKS;
        let added = expected.unwrap_or(&frequencies);
        for ((value, added), frequency) in row.iter_mut().zip(added).zip(&frequencies) {
            *value = (*value + PSEUDO_WORKS * added) / (works * frequency);
        }
    }
    quotients
}

/// Of the targets under the joint model's marginals: the mean over a task's
/// targets, and of that over tasks.
fn negative_log_likelihood(
    joint: &Joint,
    heads: &[Prediction],
    targets: &[&[Option<usize>]],
) -> f64 {
    let images = heads.first().map_or(0, Prediction::len);
    let losses: Vec<Vec<Option<f64>>> = (0..images)
        .into_par_iter()
        .map(|image| {
            let marginals = joint.marginals(&joint.evidence(heads, image));
            let loss = |task: usize| {
                let probability = marginals[task][targets[task][image]?];
                Some(-probability.max(f64::MIN_POSITIVE).ln())
            };
            (0..heads.len()).map(loss).collect()
        })
        .collect();
    let mean = |task: usize| {
        let known: Vec<f64> = losses.iter().filter_map(|image| image[task]).collect();
        known.iter().sum::<f64>() / known.len().max(1) as f64
    };
    (0..heads.len()).map(mean).sum::<f64>() / heads.len() as f64
}

#[cfg(test)]
mod tests;
