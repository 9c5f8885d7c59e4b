use std::ops::Range;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;

/// Shuffles the columns `members` of `rows` among the rows.
pub(crate) fn permute(rows: &mut [f32], width: usize, members: Range<usize>, seed: u64) {
    let mut order: Vec<usize> = (0..rows.len() / width).collect();
    order.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
    let original = rows.to_vec();
    for (row, from) in rows.chunks_exact_mut(width).zip(order) {
        let from = &original[from * width..(from + 1) * width];
        row[members.clone()].copy_from_slice(&from[members.clone()]);
    }
}
