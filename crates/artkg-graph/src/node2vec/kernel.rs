//! The arithmetic of skip-gram with negative sampling on vector registers.
//!
//! All contexts of a node share its negatives (S. Ji and others, "Parallelizing
//! Word2Vec in shared and distributed memory", 2016): a window then needs five
//! random rows rather than a hundred, and memory is what node2vec waits for.

use pulp::Simd;

use crate::exponential::sigmoid;

/// The number of targets worked on together: a node and five negatives. Their sums
/// fit the 16 registers of AVX2.
pub(super) const TILE: usize = 6;
/// Scores are padded to this many, so that their sigmoids vectorise.
const LANES: usize = 8;
/// Rows are padded to a multiple of this many floats, one AVX-512 register.
pub(super) const BLOCK: usize = 16;

/// A tile of targets with what is known of them.
pub(super) struct Tile<'a> {
    /// [`TILE`] rows, padded; rows without a target may hold anything finite.
    pub(super) targets: &'a mut [f32],
    /// How often each target counts: 0 where there is none.
    pub(super) weights: [f32; TILE],
    /// 1 for a true context, 0 for a negative.
    pub(super) labels: [f32; TILE],
}

/// For each context c in turn, makes a gradient step of
/// −Σ weight · (label · ln σ(c·t) + (1 − label) · ln σ(−c·t))
/// over the targets t, at the given learning rate.
///
/// `contexts` holds padded rows of which `rows` are the ones in the window. One step
/// for all contexts together would be a little faster, but it moves a target by
/// the sum of what each context asks for alone: that overshoots, most of all for
/// hubs (on a graph of 40,000 nodes link prediction lost 2 to 3 points, 8 for the
/// largest hubs).
#[inline(always)]
pub(super) fn step<S: Simd>(
    simd: S,
    contexts: &mut [f32],
    rows: &[u32],
    tile: Tile<'_>,
    rate: f32,
) {
    let (contexts, _) = S::as_mut_simd_f32s(contexts);
    let (targets, _) = S::as_mut_simd_f32s(tile.targets);
    let width = targets.len() / TILE;
    let (mut rates, mut labels) = ([0.0; LANES], [0.0; LANES]);
    labels[..TILE].copy_from_slice(&tile.labels);
    for (rate_of, weight) in rates.iter_mut().zip(tile.weights) {
        *rate_of = rate * weight;
    }
    for &row in rows {
        let context = &mut contexts[row as usize * width..][..width];
        let mut errors = score(simd, context, targets);
        for lane in 0..LANES {
            errors[lane] = rates[lane] * (labels[lane] - sigmoid(errors[lane]));
        }
        update(simd, context, targets, &errors);
    }
}

/// The dot products of a context with the targets.
#[inline(always)]
fn score<S: Simd>(simd: S, context: &[S::f32s], targets: &[S::f32s]) -> [f32; LANES] {
    let width = context.len();
    let targets: [&[S::f32s]; TILE] =
        std::array::from_fn(|place| &targets[place * width..][..width]);
    let mut sums = [simd.splat_f32s(0.0); TILE];
    for k in 0..width {
        for place in 0..TILE {
            sums[place] = simd.mul_add_e_f32s(context[k], targets[place][k], sums[place]);
        }
    }
    let mut scores = [0.0; LANES];
    for place in 0..TILE {
        scores[place] = simd.reduce_sum_f32s(sums[place]);
    }
    scores
}

/// Adds `errors` · targets to the context and `errors`ᵀ · context to the targets.
#[inline(always)]
fn update<S: Simd>(
    simd: S,
    context: &mut [S::f32s],
    targets: &mut [S::f32s],
    errors: &[f32; LANES],
) {
    let width = context.len();
    // Neither `map` of arrays nor closures in general are compiled for the
    // instruction set in use, unless they happen to be inlined: hence plain loops.
    let mut factors = [simd.splat_f32s(0.0); TILE];
    for place in 0..TILE {
        factors[place] = simd.splat_f32s(errors[place]);
    }
    for k in 0..width {
        let before = context[k];
        let mut after = before;
        for place in 0..TILE {
            let target = &mut targets[place * width + k];
            after = simd.mul_add_e_f32s(factors[place], *target, after);
            *target = simd.mul_add_e_f32s(factors[place], before, *target);
        }
        context[k] = after;
    }
}

#[cfg(test)]
mod tests;
