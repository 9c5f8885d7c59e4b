use candle_core::{CpuStorage, CustomOp1, Layout, Shape};
use rayon::prelude::*;

use super::Segments;
use crate::tape::apply1;
use crate::values::{Values, contiguous};
use crate::vector::vectorised;
use crate::{Result, Tensor};

/// Sum, multiplied by `scale`, and maximum over the rows of each set, side by
/// side: `[rows, features]` to `[sets, 2 · features]`. A set without rows has
/// zeros. Differentiable; the gradient of a maximum goes to the first row that
/// has it.
///
/// # Errors
/// When the rows are not those of `segments`, or are not `f32`.
pub fn pool_segments(rows: &Tensor, segments: &Segments, scale: f32) -> Result<Tensor> {
    segments.check_rows(rows.dims2()?.0, "pooling over sets")?;
    let operation = Pool {
        segments: segments.clone(),
        scale,
    };
    apply1(&rows.contiguous()?, operation)
}

struct Pool {
    segments: Segments,
    scale: f32,
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "pooling over sets"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (_, features) = layout.shape().dims2()?;
        let rows = contiguous(storage, layout)?;
        let mut pooled = vec![0.0; self.segments.len() * 2 * features];
        let sets: Vec<_> = self.segments.iter().collect();
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
                        sum.iter_mut().for_each(|sum| *sum *= self.scale);
                    },
                );
            });
        let shape = Shape::from((self.segments.len(), 2 * features));
        Ok((CpuStorage::F32(pooled), shape))
    }

    fn bwd(
        &self,
        rows: &Tensor,
        pooled: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let (_, features) = rows.dims2()?;
        let gradient = gradient.contiguous()?;
        let (values, pooled) = (Values::of(rows)?, Values::of(pooled)?);
        let gradient = Values::of(&gradient)?;
        let mut result = vec![0.0; values.len()];
        let sets: Vec<_> = self.segments.iter().collect();
        self.segments
            .split(&mut result, features)
            .into_par_iter()
            .zip(sets)
            .enumerate()
            .for_each(|(index, (result, set))| {
                let place = index * 2 * features;
                let maximum = &pooled[place + features..place + 2 * features];
                let (for_sum, for_maximum) =
                    gradient[place..place + 2 * features].split_at(features);
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
                                result[column] = for_sum[column] * self.scale + taken;
                                left[column] -= taken;
                            }
                        }
                    },
                );
            });
        Tensor::from_vec(result, rows.shape(), rows.device()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn values_follow_the_definition() {
        let rows = Tensor::new(&[[1f32, -2.0], [3.0, -5.0], [4.0, 4.0]], &Device::Cpu).unwrap();
        let segments = Segments::new([2, 0, 1]);
        let pooled = pool_segments(&rows, &segments, 0.5).unwrap();
        assert_eq!(
            pooled.to_vec2::<f32>().unwrap(),
            [[2.0, -3.5, 3.0, -2.0], [0.0; 4], [2.0, 2.0, 4.0, 4.0]]
        );
        assert!(pool_segments(&rows, &Segments::new([2]), 1.0).is_err());
    }

    #[test]
    fn gradients_match_differences() {
        let segments = Segments::new([3, 0, 1, 4]);
        assert_gradients(&[random_tensor(&[8, 5], 2.0, 7)], 1e-3, |a| {
            pool_segments(&a[0], &segments, 0.3)
        });
    }

    #[test]
    fn equal_rows_share_no_gradient_of_the_maximum() {
        let rows = crate::Var::new(&[[0f32], [0.0]], &Device::Cpu).unwrap();
        let pooled = pool_segments(&rows, &Segments::new([2]), 1.0).unwrap();
        let gradients = pooled.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&rows).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(gradient, [[2.0], [1.0]]);
    }
}
