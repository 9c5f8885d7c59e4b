use artkg_measure::Prediction;

use super::counts::CoOccurrence;
use super::tree::Edge;

/// Chooses the tags of an image jointly: a product of each head's probabilities,
/// to a power, and for each edge of a tree of tasks a weight of each pair of
/// classes.
///
/// Most probable tags and marginals are exact, by passing messages along the
/// tree (Pearl, 1988, chapter 4); an image takes a few multiplications for each
/// weight.
#[derive(Clone, Debug)]
pub struct Joint {
    counts: CoOccurrence,
    strength: f64,
    /// The power of the heads' probabilities.
    evidence: f64,
    edges: Vec<WeightedEdge>,
}

/// An edge of the tree with its weights.
#[derive(Clone, Debug)]
pub(super) struct WeightedEdge {
    pub(super) edge: Edge,
    /// Positive, `[classes of the parent, classes of the child]`.
    pub(super) weights: Vec<f64>,
}

impl Joint {
    pub(super) fn new(
        counts: CoOccurrence,
        (strength, evidence): (f64, f64),
        edges: Vec<WeightedEdge>,
    ) -> Self {
        Self {
            counts,
            strength,
            evidence,
            edges,
        }
    }

    /// Which classes occur together.
    pub fn counts(&self) -> &CoOccurrence {
        &self.counts
    }

    /// How much it counts which classes occur together.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// The jointly most probable tags and, as their probabilities, the joint
    /// model's marginals, from what the `heads` say: one entry a task.
    pub fn predict(&self, heads: &[Prediction]) -> Vec<Prediction> {
        let mut predictions: Vec<Prediction> = heads
            .iter()
            .map(|head| Prediction {
                classes: head.classes,
                probabilities: Vec::with_capacity(head.probabilities.len()),
                chosen: Vec::with_capacity(head.len()),
            })
            .collect();
        for image in 0..heads.first().map_or(0, Prediction::len) {
            let evidence = self.evidence(heads, image);
            let marginals = self.marginals(&evidence);
            let tags = self.most_probable(&evidence);
            for (task, prediction) in predictions.iter_mut().enumerate() {
                prediction
                    .probabilities
                    .extend(marginals[task].iter().map(|value| *value as f32));
                prediction.chosen.push(tags[task]);
            }
        }
        predictions
    }

    /// What the heads say of an image, as far as it counts; a row a task.
    pub(super) fn evidence(&self, heads: &[Prediction], image: usize) -> Vec<Vec<f64>> {
        let power = |value: &f32| f64::from(*value).powf(self.evidence);
        let row = |head: &Prediction| head.row(image).iter().map(power).collect();
        heads.iter().map(row).collect()
    }

    /// The marginal probability of each class of each task.
    pub(super) fn marginals(&self, evidence: &[Vec<f64>]) -> Vec<Vec<f64>> {
        // Towards the root: what each task's part of the tree says of its classes.
        let mut beliefs = evidence.to_vec();
        let mut messages: Vec<Vec<f64>> = vec![Vec::new(); self.edges.len()];
        for (place, WeightedEdge { edge, weights }) in self.edges.iter().enumerate().rev() {
            let child = &beliefs[edge.child];
            let message: Vec<f64> = weights
                .chunks_exact(child.len())
                .map(|row| {
                    row.iter()
                        .zip(child)
                        .map(|(weight, value)| weight * value)
                        .sum()
                })
                .collect();
            multiply(&mut beliefs[edge.parent], &message);
            messages[place] = message;
        }
        // Back: what all of the rest says.
        for (place, WeightedEdge { edge, weights }) in self.edges.iter().enumerate() {
            let classes = beliefs[edge.child].len();
            let mut message = vec![0.0; classes];
            let rest = beliefs[edge.parent].iter().zip(&messages[place]);
            for (row, (belief, own)) in weights.chunks_exact(classes).zip(rest) {
                // Weights are positive and a head's probabilities sum to one: `own` is positive.
                let cavity = belief / own;
                for (sum, weight) in message.iter_mut().zip(row) {
                    *sum += weight * cavity;
                }
            }
            multiply(&mut beliefs[edge.child], &message);
        }
        for belief in &mut beliefs {
            let total: f64 = belief.iter().sum();
            belief.iter_mut().for_each(|value| *value /= total);
        }
        beliefs
    }

    /// The combination of classes of the highest product.
    fn most_probable(&self, evidence: &[Vec<f64>]) -> Vec<usize> {
        let mut beliefs = evidence.to_vec();
        let mut choices: Vec<Vec<usize>> = vec![Vec::new(); self.edges.len()];
        for (place, WeightedEdge { edge, weights }) in self.edges.iter().enumerate().rev() {
            let child = &beliefs[edge.child];
            let best = weights.chunks_exact(child.len()).map(|row| {
                let products = row.iter().zip(child).map(|(weight, value)| weight * value);
                largest(products)
            });
            let (choice, message): (Vec<usize>, Vec<f64>) = best.unzip();
            multiply(&mut beliefs[edge.parent], &message);
            choices[place] = choice;
        }
        let mut tags = vec![0; evidence.len()];
        let root = self.edges.first().map_or(0, |first| first.edge.parent);
        tags[root] = largest(beliefs[root].iter().copied()).0;
        for (WeightedEdge { edge, .. }, choice) in self.edges.iter().zip(&choices) {
            tags[edge.child] = choice[tags[edge.parent]];
        }
        tags
    }
}

fn multiply(values: &mut [f64], factors: &[f64]) {
    for (value, factor) in values.iter_mut().zip(factors) {
        *value *= factor;
    }
}

/// The place and value of the largest, the first of equal ones.
fn largest(values: impl Iterator<Item = f64>) -> (usize, f64) {
    values
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (place, value)| {
            if value > best.1 { (place, value) } else { best }
        })
}
