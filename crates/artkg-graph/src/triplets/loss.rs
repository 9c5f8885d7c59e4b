use super::options::{Loss, TripletOptions};
use crate::exponential::{exp, sigmoid, softplus};

/// The loss of a triplet from its score and those of its negatives. Puts the
/// derivative in each negative's score in that score's place and returns the loss
/// and the derivative in the positive's score.
///
/// A negative that is no mistake has the score −∞ and counts for nothing. The
/// weights of self-adversarial sampling count as constants, as in the paper.
#[inline(always)]
pub(super) fn differentiate(
    options: &TripletOptions,
    positive: f32,
    negatives: &mut [f32],
    weights: &mut [f32],
) -> (f32, f32) {
    weigh(options.adversarial_temperature, negatives, weights);
    let margin = options.margin;
    match options.loss {
        Loss::Margin => {
            let (mut loss, mut of_positive) = (0.0, 0.0);
            for (negative, weight) in negatives.iter_mut().zip(weights) {
                let excess = margin - positive + *negative;
                *negative = 0.0;
                if excess > 0.0 {
                    loss += *weight * excess;
                    of_positive -= *weight;
                    *negative = *weight;
                }
            }
            (loss, of_positive)
        }
        Loss::LogSigmoid => {
            let mut loss = softplus(-margin - positive);
            for (negative, weight) in negatives.iter_mut().zip(weights) {
                let score = margin + *negative;
                loss += *weight * softplus(score);
                *negative = *weight * sigmoid(score);
            }
            (loss, -sigmoid(-margin - positive))
        }
    }
}

/// The weights of negatives: they sum to 1, unless none is a mistake.
#[inline(always)]
fn weigh(temperature: f32, negatives: &[f32], weights: &mut [f32]) {
    let highest = negatives.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if highest == f32::NEG_INFINITY {
        weights.fill(0.0);
        return;
    }
    let mut sum = 0.0;
    for (weight, &negative) in weights.iter_mut().zip(negatives) {
        *weight = if negative == f32::NEG_INFINITY {
            0.0
        } else if temperature == 0.0 {
            1.0
        } else {
            exp(temperature * (negative - highest))
        };
        sum += *weight;
    }
    for weight in weights {
        *weight /= sum;
    }
}
