use std::borrow::Cow;

use candle_core::Shape;
use rayon::prelude::*;

use super::settings::{CrossEntropy, IGNORED};
use crate::operation::{Backward, Operation};

/// [`CrossEntropy`] of the logits against these targets, both checked.
pub(super) struct MeanLoss {
    settings: CrossEntropy,
    targets: Box<[u32]>,
    /// The sum of the weights of the targets that are not ignored.
    weight: f64,
}

impl MeanLoss {
    pub(super) fn new(settings: CrossEntropy, targets: &[u32]) -> Self {
        let counted = targets.iter().filter(|target| **target != IGNORED);
        Self {
            weight: counted.map(|target| settings.weight(*target)).sum(),
            targets: targets.into(),
            settings,
        }
    }

    /// The classes of `logits`, which have a row for each target.
    fn classes(&self, logits: &[f32]) -> usize {
        logits.len() / self.targets.len()
    }

    /// What the sum of the rows is divided by: the weight, unless nothing counts.
    fn divisor(&self) -> f64 {
        if self.weight > 0.0 { self.weight } else { 1.0 }
    }
}

impl CrossEntropy {
    /// The weight of a class.
    fn weight(&self, class: u32) -> f64 {
        let weights = self.class_weights.as_ref();
        weights.map_or(1.0, |weights| f64::from(weights[class as usize]))
    }

    /// The logits of one row plus the adjustment.
    fn adjusted<'a>(&self, logits: &'a [f32]) -> Cow<'a, [f32]> {
        match &self.adjustment {
            None => Cow::Borrowed(logits),
            Some(adjustment) => {
                let pairs = logits.iter().zip(adjustment.iter());
                pairs
                    .map(|(logit, adjustment)| logit + adjustment)
                    .collect()
            }
        }
    }

    /// The loss of one row.
    fn row_loss(&self, logits: &[f32], target: u32) -> f64 {
        let logits = &*self.adjusted(logits);
        let maximum = largest(logits);
        let weight = self.weight(target);
        let target = target as usize;
        let exponentials = logits.iter().map(|logit| (logit - maximum).exp());
        if self.focus > 0.0 {
            let others = sum_without(target, exponentials);
            return weight * Confidence::new(logits[target] - maximum, others).loss(self.focus);
        }
        let sum: f64 = exponentials.map(f64::from).sum();
        let log_sum = f64::from(maximum) + sum.ln();
        let smoothing = f64::from(self.label_smoothing);
        let mut loss = weight * (1.0 - smoothing) * (log_sum - f64::from(logits[target]));
        if smoothing > 0.0 {
            let classes = logits.len() as f64;
            let logits = logits.iter().map(|logit| f64::from(*logit));
            let everywhere = match &self.class_weights {
                None => log_sum - logits.sum::<f64>() / classes,
                Some(weights) => {
                    let pairs = logits.zip(weights.iter());
                    let costs = pairs.map(|(logit, weight)| f64::from(*weight) * (log_sum - logit));
                    costs.sum::<f64>() / classes
                }
            };
            loss += smoothing * everywhere;
        }
        loss
    }

    /// The gradient of [`Self::row_loss`] times `scale`.
    ///
    /// Without focus that is the softmax times the sum of the target
    /// distribution, minus the target distribution.
    fn row_gradient(&self, logits: &[f32], target: u32, scale: f64, gradient: &mut [f32]) {
        let logits = &*self.adjusted(logits);
        let maximum = largest(logits);
        let scaled = scale * self.weight(target);
        let target = target as usize;
        let mut sum = 0.0;
        for (gradient, logit) in gradient.iter_mut().zip(logits) {
            *gradient = (logit - maximum).exp();
            sum += f64::from(*gradient);
        }
        if self.focus > 0.0 {
            let others = sum_without(target, gradient.iter().copied());
            let confidence = Confidence::new(logits[target] - maximum, others);
            let slope = scaled * confidence.slope(self.focus);
            let factor = (slope / sum) as f32;
            for value in gradient.iter_mut() {
                *value *= factor;
            }
            gradient[target] = (-slope * confidence.doubt) as f32;
            return;
        }
        let smoothing = f64::from(self.label_smoothing);
        let everywhere = scale * smoothing / logits.len() as f64;
        match &self.class_weights {
            Some(weights) if smoothing > 0.0 => {
                let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
                let mass = scaled * (1.0 - smoothing) + everywhere * total;
                let (factor, everywhere) = ((mass / sum) as f32, everywhere as f32);
                for (value, weight) in gradient.iter_mut().zip(weights.iter()) {
                    *value = *value * factor - everywhere * weight;
                }
            }
            _ => {
                let (factor, everywhere) = ((scaled / sum) as f32, everywhere as f32);
                for value in gradient.iter_mut() {
                    *value = *value * factor - everywhere;
                }
            }
        }
        gradient[target] -= (scaled * (1.0 - smoothing)) as f32;
    }
}

/// How sure a row is of its target.
struct Confidence {
    /// `1 - p` with the target's probability `p`, exact where `p` is nearly 1.
    doubt: f64,
    /// `-ln p`.
    cost: f64,
}

impl Confidence {
    /// `logit` is the target's, and `others` the sum of the exponentials of all
    /// others, after the row's largest is subtracted.
    fn new(logit: f32, others: f64) -> Self {
        let sum = others + f64::from(logit.exp());
        let doubt = others / sum;
        let cost = if doubt < 0.5 {
            -(-doubt).ln_1p()
        } else {
            sum.ln() - f64::from(logit)
        };
        Self { doubt, cost }
    }

    /// `(1 - p)^γ · -ln p`.
    fn loss(&self, focus: f32) -> f64 {
        self.doubt.powf(f64::from(focus)) * self.cost
    }

    /// What multiplies the gradient of `-ln p` to give that of the loss:
    /// `(1 - p)^γ + γ p (1 - p)^(γ - 1) · -ln p`.
    fn slope(&self, focus: f32) -> f64 {
        if self.doubt == 0.0 {
            return 0.0;
        }
        let focus = f64::from(focus);
        let steepness = focus * (1.0 - self.doubt) * self.cost / self.doubt;
        self.doubt.powf(focus) * (1.0 + steepness)
    }
}

fn largest(logits: &[f32]) -> f32 {
    logits.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// The sum of all values but the one of `target`.
fn sum_without(target: usize, values: impl Iterator<Item = f32>) -> f64 {
    let others = values.enumerate().filter(|(class, _)| *class != target);
    others.map(|(_, value)| f64::from(value)).sum()
}

impl Operation for MeanLoss {
    fn name(&self) -> &'static str {
        "cross entropy"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let logits = operands[0];
        // Collected in order before the sum: the result must not depend on how
        // the rows were shared between threads.
        let losses: Vec<f64> = if self.weight > 0.0 {
            logits
                .par_chunks_exact(self.classes(logits))
                .zip(self.targets.par_iter())
                .map(|(logits, target)| match *target {
                    IGNORED => 0.0,
                    target => self.settings.row_loss(logits, target),
                })
                .collect()
        } else {
            Vec::new()
        };
        let mean = losses.iter().sum::<f64>() / self.divisor();
        Ok(vec![mean as f32])
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let logits = pass.operands[0];
        let scale = f64::from(pass.gradient[0]) / self.divisor();
        let mut output = vec![0.0; logits.len()];
        if self.weight > 0.0 {
            let classes = self.classes(logits);
            output
                .par_chunks_exact_mut(classes)
                .zip(logits.par_chunks_exact(classes))
                .zip(self.targets.par_iter())
                .filter(|(_, target)| **target != IGNORED)
                .for_each(|((output, logits), target)| {
                    self.settings.row_gradient(logits, *target, scale, output);
                });
        }
        Ok(vec![Some(output)])
    }
}
