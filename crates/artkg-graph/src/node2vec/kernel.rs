//! The arithmetic of skip-gram with negative sampling on vector registers.
//!
//! All contexts of a node share its negatives, which turns a window's dot
//! products and updates into small dense matrix products (S. Ji and others,
//! "Parallelizing Word2Vec in shared and distributed memory", 2016): targets stay
//! in registers while contexts stream through, where one pair at a time would
//! read and write every vector for each pair.

use pulp::Simd;

/// The number of targets worked on together: a node and five negatives. With
/// two contexts, twelve sums and their factors fit the 16 registers of AVX2.
pub(super) const TILE: usize = 6;
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

/// Makes one gradient step of
/// −Σ weight · (label · ln σ(c·t) + (1 − label) · ln σ(−c·t))
/// over the contexts c and targets t, at the given learning rate.
///
/// `contexts` holds padded rows of which `rows` are the ones in the window;
/// `scores` has room for them. A row that occurs twice is updated twice, the
/// second time from the result of the first.
#[inline(always)]
pub(super) fn step<S: Simd>(
    simd: S,
    contexts: &mut [f32],
    rows: &[u32],
    tile: Tile<'_>,
    rate: f32,
    scores: &mut [[f32; TILE]],
) {
    let (contexts, _) = S::as_mut_simd_f32s(contexts);
    let (targets, _) = S::as_mut_simd_f32s(tile.targets);
    let width = targets.len() / TILE;
    let scores = &mut scores[..rows.len()];
    score(simd, contexts, rows, targets, width, scores);
    let tile = tile.weights.into_iter().zip(tile.labels);
    for scores in scores.iter_mut() {
        for (score, (weight, label)) in scores.iter_mut().zip(tile.clone()) {
            *score = rate * weight * (label - sigmoid(*score));
        }
    }
    update(simd, contexts, rows, targets, width, scores);
}

/// The dot products of the contexts with the targets.
#[inline(always)]
fn score<S: Simd>(
    simd: S,
    contexts: &[S::f32s],
    rows: &[u32],
    targets: &[S::f32s],
    width: usize,
    scores: &mut [[f32; TILE]],
) {
    let targets: [&[S::f32s]; TILE] =
        std::array::from_fn(|place| &targets[place * width..(place + 1) * width]);
    for (rows, scores) in rows.chunks(2).zip(scores.chunks_mut(2)) {
        let context = |row: u32| &contexts[row as usize * width..(row as usize + 1) * width];
        let first = context(rows[0]);
        // A window with an odd number of contexts scores its last one twice.
        let second = context(rows[rows.len() - 1]);
        let mut sums = [[simd.splat_f32s(0.0); TILE]; 2];
        for k in 0..width {
            let (a, b) = (first[k], second[k]);
            for place in 0..TILE {
                let target = targets[place][k];
                sums[0][place] = simd.mul_add_e_f32s(a, target, sums[0][place]);
                sums[1][place] = simd.mul_add_e_f32s(b, target, sums[1][place]);
            }
        }
        for (scores, sums) in scores.iter_mut().zip(sums) {
            for place in 0..TILE {
                scores[place] = simd.reduce_sum_f32s(sums[place]);
            }
        }
    }
}

/// Adds `errors` · targets to the contexts and `errors`ᵀ · contexts to the targets.
#[inline(always)]
fn update<S: Simd>(
    simd: S,
    contexts: &mut [S::f32s],
    rows: &[u32],
    targets: &mut [S::f32s],
    width: usize,
    errors: &[[f32; TILE]],
) {
    for k in 0..width {
        let old: [S::f32s; TILE] = std::array::from_fn(|place| targets[place * width + k]);
        let mut new = old;
        for (&row, errors) in rows.iter().zip(errors) {
            let context = &mut contexts[row as usize * width + k];
            let before = *context;
            let mut after = before;
            for place in 0..TILE {
                let error = simd.splat_f32s(errors[place]);
                after = simd.mul_add_e_f32s(error, old[place], after);
                new[place] = simd.mul_add_e_f32s(error, before, new[place]);
            }
            *context = after;
        }
        for place in 0..TILE {
            targets[place * width + k] = new[place];
        }
    }
}

/// 1 / (1 + e⁻ˣ) to 3e-6 relative, in operations that vectorise: e⁻ˣ is 2ⁿ, put
/// straight into a float's exponent, times a polynomial for the rest.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    /// Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let power = (-x).clamp(-80.0, 80.0) * std::f32::consts::LOG2_E;
    let shifted = power + ROUND;
    let rest = (power - (shifted - ROUND)) * std::f32::consts::LN_2;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let scale = f32::from_bits(exponent.wrapping_add(127) << 23);
    // The Taylor series of eʳ for |r| ≤ ln 2 / 2.
    let mut sum = 1.0 / 720.0;
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + coefficient;
    }
    1.0 / (1.0 + scale * sum)
}

#[cfg(test)]
mod tests;
