use rayon::prelude::*;

use crate::segments::Segments;
use crate::vector::vectorised;

/// Sum, multiplied by `scale`, and maximum over the rows of each set, `features`
/// values each, side by side; zeros for a set without rows.
pub fn pool(rows: &[f32], segments: &Segments, features: usize, scale: f32) -> Vec<f32> {
    let mut pooled = vec![0.0; segments.len() * 2 * features];
    let sets: Vec<_> = segments.iter().collect();
    pooled
        .par_chunks_mut((2 * features).max(1))
        .zip(sets)
        .for_each(|(pooled, set)| {
            let (sum, maximum) = pooled.split_at_mut(features);
            let rows = &rows[set.start * features..set.end * features];
            if !rows.is_empty() {
                maximum.copy_from_slice(&rows[..features]);
            }
            vectorised(
                #[inline(always)]
                || {
                    for row in rows.chunks_exact(features) {
                        for ((sum, maximum), value) in
                            sum.iter_mut().zip(maximum.iter_mut()).zip(row)
                        {
                            *sum += value;
                            *maximum = if *value > *maximum { *value } else { *maximum };
                        }
                    }
                    sum.iter_mut().for_each(|sum| *sum *= scale);
                },
            );
        });
    pooled
}

/// The gradient of the rows of [`pool`], which gave `pooled`; that of a maximum goes
/// to the first row that has it.
pub fn pool_gradient(
    [values, pooled, gradient]: [&[f32]; 3],
    segments: &Segments,
    features: usize,
    scale: f32,
) -> Vec<f32> {
    let mut result = vec![0.0; values.len()];
    let sets: Vec<_> = segments.iter().collect();
    segments
        .split(&mut result, features)
        .into_par_iter()
        .zip(sets)
        .enumerate()
        .for_each(|(index, (result, set))| {
            let place = index * 2 * features;
            let maximum = &pooled[place + features..place + 2 * features];
            let (for_sum, for_maximum) = gradient[place..place + 2 * features].split_at(features);
            // What is left of each maximum's gradient: its first row takes it.
            let mut left = for_maximum.to_vec();
            let rows = &values[set.start * features..set.end * features];
            vectorised(
                #[inline(always)]
                || {
                    for (result, row) in result
                        .chunks_exact_mut(features)
                        .zip(rows.chunks_exact(features))
                    {
                        for column in 0..features {
                            let taken = if row[column] == maximum[column] {
                                left[column]
                            } else {
                                0.0
                            };
                            result[column] = for_sum[column] * scale + taken;
                            left[column] -= taken;
                        }
                    }
                },
            );
        });
    result
}
