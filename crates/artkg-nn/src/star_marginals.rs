//! What several classifiers say together, where the classes of one of them
//! decide how likely those of the others are.

use std::ops::Range;
use std::sync::Arc;

use candle_core::{Shape, Tensor};
use rayon::prelude::*;

use crate::checks::require_f32;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// The factors of a star-shaped random field: a centre variable, and leaves that
/// depend on each other through it alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Star {
    width: usize,
    centre: Range<usize>,
    leaves: Vec<Leaf>,
}

/// A leaf: its columns and its factors.
#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    columns: Range<usize>,
    /// `[centre classes, leaf classes]`, all above 0.
    factors: Arc<[f32]>,
}

impl Star {
    /// A star over logits of which `centre` and the leaves take their columns;
    /// each leaf has its factors, `[centre classes, leaf classes]` row by row.
    ///
    /// # Errors
    /// When the columns do not cover the logits once, a number of factors is
    /// wrong, or a factor is not a number above 0.
    pub fn new(centre: Range<usize>, leaves: Vec<(Range<usize>, Vec<f32>)>) -> Result<Self> {
        let mut ranges: Vec<&Range<usize>> = leaves.iter().map(|(columns, _)| columns).collect();
        ranges.push(&centre);
        ranges.sort_by_key(|range| range.start);
        let mut width = 0;
        for range in ranges {
            if range.start != width || range.is_empty() {
                return Err(Error::Argument(format!(
                    "the variables of a star follow each other, but {range:?} comes after column \
                     {width}"
                )));
            }
            width = range.end;
        }
        let leaves = leaves
            .into_iter()
            .map(|(columns, factors)| {
                let expected = centre.len() * columns.len();
                if factors.len() != expected {
                    return Err(Error::Argument(format!(
                        "a leaf of {} classes at a centre of {} needs {expected} factors, got {}",
                        columns.len(),
                        centre.len(),
                        factors.len()
                    )));
                }
                if let Some(factor) = factors.iter().find(|x| !(x.is_finite() && **x > 0.0)) {
                    return Err(Error::Argument(format!(
                        "the factors of a star are above 0, got {factor}"
                    )));
                }
                Ok(Leaf {
                    columns,
                    factors: factors.into(),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            width,
            centre,
            leaves,
        })
    }
}

/// The logarithms of the marginal probabilities of every variable of a star, in
/// the columns of its logits: `[batch, classes of all]` to the same shape,
/// differentiable.
///
/// The joint probability of one class each is proportional to the product of
/// `exp(logit)` of each and of the factor of the centre's class and each leaf's.
/// The exact marginals come from two passes of messages (sum-product; Pearl,
/// 1982), in time linear in the number of factors. With factors of 1 the result
/// is the log-softmax of each variable.
///
/// # Errors
/// When the logits are not a matrix of `f32` of the star's width.
pub fn star_marginals(logits: &Tensor, star: &Arc<Star>) -> Result<Tensor> {
    let (_, width) = logits.dims2()?;
    if width != star.width {
        return Err(Error::Argument(format!(
            "a star over {} columns cannot take logits of shape {:?}",
            star.width,
            logits.dims()
        )));
    }
    require_f32(logits, "star marginals")?;
    apply(&[logits], StarMarginals(Arc::clone(star)))
}

/// What the messages of one row come to.
struct Beliefs {
    /// The marginal probabilities of the centre.
    centre: Vec<f64>,
    /// One entry a leaf.
    leaves: Vec<LeafBeliefs>,
}

struct LeafBeliefs {
    /// `exp(logit - maximum)`.
    potentials: Vec<f64>,
    /// The message to each class of the centre.
    messages: Vec<f64>,
    /// The centre's evidence for each class: its marginal without the potential.
    answers: Vec<f64>,
}

impl Star {
    fn beliefs(&self, logits: &[f32]) -> Beliefs {
        let mut log_centre: Vec<f64> = logits[self.centre.clone()]
            .iter()
            .map(|logit| f64::from(*logit))
            .collect();
        let mut leaves: Vec<LeafBeliefs> = self
            .leaves
            .iter()
            .map(|leaf| {
                let potentials = exponentials(logits[leaf.columns.clone()].iter());
                let rows = leaf.factors.chunks_exact(potentials.len());
                let messages: Vec<f64> = rows.map(|row| dot(row, &potentials)).collect();
                for (sum, message) in log_centre.iter_mut().zip(&messages) {
                    *sum += message.ln();
                }
                LeafBeliefs {
                    answers: vec![0.0; potentials.len()],
                    potentials,
                    messages,
                }
            })
            .collect();
        let mut centre = exponentials(log_centre.iter());
        let total: f64 = centre.iter().sum();
        centre.iter_mut().for_each(|value| *value /= total);
        for (leaf, beliefs) in self.leaves.iter().zip(&mut leaves) {
            let weights = centre.iter().zip(&beliefs.messages);
            let weights = weights.map(|(centre, message)| centre / message);
            add_weighted(&leaf.factors, weights, &mut beliefs.answers);
        }
        Beliefs { centre, leaves }
    }

    /// The log marginals of one row.
    fn forward(&self, logits: &[f32], output: &mut [f32]) {
        let beliefs = self.beliefs(logits);
        let centre = &mut output[self.centre.clone()];
        for (output, probability) in centre.iter_mut().zip(&beliefs.centre) {
            *output = log(*probability);
        }
        for (leaf, beliefs) in self.leaves.iter().zip(&beliefs.leaves) {
            let columns = &mut output[leaf.columns.clone()];
            let parts = beliefs.potentials.iter().zip(&beliefs.answers);
            for (output, (potential, answer)) in columns.iter_mut().zip(parts) {
                *output = log(potential * answer);
            }
        }
    }

    /// The gradient of the logits of one row from that of its log marginals: a
    /// log marginal grows with a logit by the probability of the logit's class
    /// given the marginal's, less its own.
    fn backward(&self, logits: &[f32], gradient: &[f32], output: &mut [f32]) {
        let beliefs = self.beliefs(logits);
        let total: f64 = gradient.iter().map(|value| f64::from(*value)).sum();
        // What reaches each class of the centre: from itself and from each leaf.
        let mut reached: Vec<f64> = gradient[self.centre.clone()]
            .iter()
            .map(|value| f64::from(*value))
            .collect();
        let from_leaves: Vec<Vec<f64>> = self
            .leaves
            .iter()
            .zip(&beliefs.leaves)
            .map(|(leaf, leaf_beliefs)| {
                let classes = leaf.columns.len();
                let weights: Vec<f64> = gradient[leaf.columns.clone()]
                    .iter()
                    .zip(&leaf_beliefs.answers)
                    .map(|(gradient, answer)| f64::from(*gradient) / answer.max(SMALLEST))
                    .collect();
                let rows = leaf.factors.chunks_exact(classes);
                let centre = beliefs.centre.iter().zip(&leaf_beliefs.messages);
                rows.zip(centre)
                    .map(|(row, (centre, message))| centre / message * dot(row, &weights))
                    .collect()
            })
            .collect();
        for part in &from_leaves {
            for (sum, value) in reached.iter_mut().zip(part) {
                *sum += value;
            }
        }
        let centre = &mut output[self.centre.clone()];
        for (output, (reached, probability)) in
            centre.iter_mut().zip(reached.iter().zip(&beliefs.centre))
        {
            *output = (reached - probability * total) as f32;
        }
        for ((leaf, beliefs), own) in self.leaves.iter().zip(&beliefs.leaves).zip(&from_leaves) {
            let others = reached.iter().zip(own).zip(&beliefs.messages);
            let weights = others.map(|((reached, own), message)| (reached - own) / message);
            let mut answered = vec![0.0; leaf.columns.len()];
            add_weighted(&leaf.factors, weights, &mut answered);
            for (class, column) in leaf.columns.clone().enumerate() {
                let potential = beliefs.potentials[class];
                let marginal = potential * beliefs.answers[class];
                let value =
                    potential * answered[class] + f64::from(gradient[column]) - marginal * total;
                output[column] = value as f32;
            }
        }
    }
}

/// The smallest probability that has a logarithm here.
const SMALLEST: f64 = 1e-37;

fn log(probability: f64) -> f32 {
    probability.max(SMALLEST).ln() as f32
}

/// `exp(value - maximum)` of each value.
fn exponentials<Value: Copy + Into<f64>>(
    values: impl Iterator<Item = impl std::ops::Deref<Target = Value>> + Clone,
) -> Vec<f64> {
    let maximum = values
        .clone()
        .map(|value| (*value).into())
        .fold(f64::NEG_INFINITY, f64::max);
    values
        .map(|value| ((*value).into() - maximum).exp())
        .collect()
}

fn dot(row: &[f32], values: &[f64]) -> f64 {
    let pairs = row.iter().zip(values);
    pairs
        .map(|(factor, value)| f64::from(*factor) * value)
        .sum()
}

/// Adds to `sums` each row of `factors` times its weight.
fn add_weighted(factors: &[f32], weights: impl Iterator<Item = f64>, sums: &mut [f64]) {
    for (row, weight) in factors.chunks_exact(sums.len()).zip(weights) {
        for (sum, factor) in sums.iter_mut().zip(row) {
            *sum += weight * f64::from(*factor);
        }
    }
}

struct StarMarginals(Arc<Star>);

impl Operation for StarMarginals {
    fn name(&self) -> &'static str {
        "star marginals"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (logits, width) = (operands[0], self.0.width);
        let mut output = vec![0.0; logits.len()];
        output
            .par_chunks_mut(width)
            .zip(logits.par_chunks(width))
            .for_each(|(output, logits)| self.0.forward(logits, output));
        Ok(output)
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (logits, width) = (pass.operands[0], self.0.width);
        let mut output = vec![0.0; logits.len()];
        output
            .par_chunks_mut(width)
            .zip(logits.par_chunks(width))
            .zip(pass.gradient.par_chunks(width))
            .for_each(|((output, logits), gradient)| self.0.backward(logits, gradient, output));
        Ok(vec![Some(output)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor, random_values};

    /// Three classes at the centre, leaves of two and four.
    fn star() -> Arc<Star> {
        let factors = |count, seed| -> Vec<f32> {
            let values = random_values(count, 1.5, seed);
            values.into_iter().map(f32::exp).collect()
        };
        let leaves = vec![(0..2, factors(6, 1)), (5..9, factors(12, 2))];
        Arc::new(Star::new(2..5, leaves).unwrap())
    }

    /// By summing over all combinations.
    fn by_definition(star: &Star, logits: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; star.width];
        let mut total = 0.0;
        for centre in 0..3 {
            for first in 0..2 {
                for second in 0..4 {
                    let columns = [first, 2 + centre, 5 + second];
                    let logit: f32 = columns.iter().map(|&column| logits[column]).sum();
                    let weight = f64::from(logit).exp()
                        * f64::from(star.leaves[0].factors[2 * centre + first])
                        * f64::from(star.leaves[1].factors[4 * centre + second]);
                    total += weight;
                    columns.iter().for_each(|&column| sums[column] += weight);
                }
            }
        }
        sums.iter().map(|sum| (sum / total).ln()).collect()
    }

    #[test]
    fn marginals_are_those_of_all_combinations() {
        let star = star();
        let logits = random_tensor(&[5, 9], 3.0, 7);
        let marginals = star_marginals(&logits, &star).unwrap();
        let rows = marginals.to_vec2::<f32>().unwrap();
        for (row, logits) in rows.iter().zip(logits.to_vec2::<f32>().unwrap()) {
            for (value, expected) in row.iter().zip(by_definition(&star, &logits)) {
                assert!(
                    (f64::from(*value) - expected).abs() < 1e-5,
                    "{value} {expected}"
                );
            }
        }
    }

    #[test]
    fn gradients_are_differences() {
        let star = star();
        assert_gradients(&[random_tensor(&[3, 9], 2.0, 3)], 2e-3, |arguments| {
            star_marginals(&arguments[0], &star)
        });
    }

    #[test]
    fn factors_of_one_are_log_softmax() {
        let star = Star::new(0..2, vec![(2..5, vec![1.0; 6])]).unwrap();
        let logits = Tensor::new(&[[1f32, 0.0, 500.0, -500.0, 499.0]], &Device::Cpu).unwrap();
        let values = star_marginals(&logits, &Arc::new(star)).unwrap();
        let values = values.to_vec2::<f32>().unwrap().remove(0);
        let sigmoid = |x: f32| -(1.0 + (-x).exp()).ln();
        for (value, expected) in values.iter().zip([
            sigmoid(1.0),
            sigmoid(-1.0),
            sigmoid(1.0),
            SMALLEST.ln() as f32,
            sigmoid(-1.0),
        ]) {
            assert!((value - expected).abs() < 1e-5, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_star_is_refused() {
        for (centre, leaf, factors) in [
            (0..2, 3..5, vec![1.0; 4]),
            (0..2, 2..5, vec![1.0; 4]),
            (0..2, 2..4, vec![1.0, 1.0, 0.0, 1.0]),
        ] {
            assert!(Star::new(centre, vec![(leaf, factors)]).is_err());
        }
        let wrong = random_tensor(&[2, 8], 1.0, 1);
        assert!(star_marginals(&wrong, &star()).is_err());
    }
}
