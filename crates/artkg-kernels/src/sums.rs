//! Sums over pixels that do not depend on the number of threads.

use rayon::prelude::*;

use crate::vector::vectorised;

/// Values in a chunk: small enough for the level 1 cache when read twice.
const CHUNK_VALUES: usize = 8 * 1024;

/// The number of rows of `columns` values that make a chunk.
pub(crate) fn chunk_rows(columns: usize) -> usize {
    (CHUNK_VALUES / columns.max(1)).clamp(1, 256)
}

/// The sums of each column of `values`, which has rows of `columns` values.
///
/// Chunks are summed in `f32`, and the chunks' sums in order in `f64`.
pub fn column_sums(values: &[f32], columns: usize) -> Vec<f32> {
    if columns == 0 {
        return Vec::new();
    }
    let partial: Vec<Vec<f32>> = values
        .par_chunks(chunk_rows(columns) * columns)
        .map(|chunk| {
            let mut sum = vec![0.0; columns];
            vectorised(
                #[inline(always)]
                || {
                    for row in chunk.chunks_exact(columns) {
                        for (sum, value) in sum.iter_mut().zip(row) {
                            *sum += value;
                        }
                    }
                },
            );
            sum
        })
        .collect();
    total(&partial, columns)
}

/// The sums of the chunks' sums, in their order.
pub(crate) fn total(partial: &[Vec<f32>], columns: usize) -> Vec<f32> {
    let mut total = vec![0.0_f64; columns];
    for partial in partial {
        for (total, value) in total.iter_mut().zip(partial) {
            *total += f64::from(*value);
        }
    }
    total.into_iter().map(|total| total as f32).collect()
}
