use crate::exponential::exponential;
use crate::kernel::Element;

/// Values in a vector: rows of scores are padded to a multiple.
pub(super) const LANES: usize = 16;

/// The probabilities of a row of `count` scores times `scale`, up to a common factor,
/// and their sum. Both rows have the same multiple of [`LANES`] values; what follows the
/// scores becomes next to nothing.
#[inline(always)]
pub(super) fn softmax<E: Element>(
    scores: &mut [f32],
    count: usize,
    scale: f32,
    probabilities: &mut [E],
) -> f32 {
    scores[count..].fill(f32::NEG_INFINITY);
    let (scores, _) = scores.as_chunks::<LANES>();
    let (probabilities, _) = probabilities.as_chunks_mut::<LANES>();
    let mut largest = [f32::NEG_INFINITY; LANES];
    for scores in scores {
        for (largest, score) in largest.iter_mut().zip(scores) {
            *largest = if *score > *largest { *score } else { *largest };
        }
    }
    let largest = largest.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0; LANES];
    for (probabilities, scores) in probabilities.iter_mut().zip(scores) {
        for lane in 0..LANES {
            let power = E::from_f32(exponential((scores[lane] - largest) * scale));
            probabilities[lane] = power;
            sums[lane] += power.to_f32();
        }
    }
    sums.into_iter().sum()
}

/// The gradient of a row of scores from that of its probabilities, of which
/// `probabilities` are the multiples by `sum`, and which are what they become; as long as
/// in [`softmax`]. Scores have been multiplied afterwards: that factor is not in it.
#[inline(always)]
pub(super) fn softmax_gradient(
    probabilities: &mut [f32],
    sum: f32,
    count: usize,
    gradient: &mut [f32],
) {
    gradient[count..].fill(0.0);
    let factor = sum.recip();
    let (probabilities, _) = probabilities.as_chunks_mut::<LANES>();
    let (gradients, _) = gradient.as_chunks_mut::<LANES>();
    let mut sums = [0.0; LANES];
    for (probabilities, gradients) in probabilities.iter_mut().zip(&*gradients) {
        for lane in 0..LANES {
            probabilities[lane] *= factor;
            sums[lane] += probabilities[lane] * gradients[lane];
        }
    }
    let average: f32 = sums.into_iter().sum();
    for (probabilities, gradients) in probabilities.iter().zip(gradients) {
        for lane in 0..LANES {
            gradients[lane] = probabilities[lane] * (gradients[lane] - average);
        }
    }
}
