use candle_core::{CpuStorage, CustomOp1, Layout, Shape};

use super::Segments;
use crate::tape::apply1;
use crate::values::{Values, contiguous};
use crate::{Result, Tensor};

/// The first `places` rows of each set one after the other, with a mask: `[rows,
/// features]` to `[sets, places · (features + 1)]`, where the last value of each
/// place is 1 for a row and 0, like all others, for padding. Differentiable.
///
/// # Errors
/// When the rows are not those of `segments`, or are not `f32`.
pub fn pad_segments(rows: &Tensor, segments: &Segments, places: usize) -> Result<Tensor> {
    segments.check_rows(rows.dims2()?.0, "padding of sets")?;
    let operation = Pad {
        segments: segments.clone(),
        places,
    };
    apply1(&rows.contiguous()?, operation)
}

struct Pad {
    segments: Segments,
    places: usize,
}

impl CustomOp1 for Pad {
    fn name(&self) -> &'static str {
        "padding of sets"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (_, features) = layout.shape().dims2()?;
        let rows = contiguous(storage, layout)?;
        let width = self.places * (features + 1);
        let mut padded = vec![0.0; self.segments.len() * width];
        for (padded, set) in padded
            .chunks_exact_mut(width.max(1))
            .zip(self.segments.iter())
        {
            for (place, row) in padded.chunks_exact_mut(features + 1).zip(set) {
                place[..features].copy_from_slice(&rows[row * features..(row + 1) * features]);
                place[features] = 1.0;
            }
        }
        Ok((
            CpuStorage::F32(padded),
            Shape::from((self.segments.len(), width)),
        ))
    }

    fn bwd(
        &self,
        rows: &Tensor,
        _padded: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let (_, features) = rows.dims2()?;
        let gradient = gradient.contiguous()?;
        let gradient = Values::of(&gradient)?;
        let width = self.places * (features + 1);
        let mut result = vec![0.0; rows.elem_count()];
        for (padded, set) in gradient
            .chunks_exact(width.max(1))
            .zip(self.segments.iter())
        {
            for (place, row) in padded.chunks_exact(features + 1).zip(set) {
                result[row * features..(row + 1) * features].copy_from_slice(&place[..features]);
            }
        }
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
        let rows = Tensor::new(&[[5f32], [6.0], [7.0], [8.0]], &Device::Cpu).unwrap();
        let padded = pad_segments(&rows, &Segments::new([1, 0, 3]), 2).unwrap();
        assert_eq!(
            padded.to_vec2::<f32>().unwrap(),
            [[5.0, 1.0, 0.0, 0.0], [0.0; 4], [6.0, 1.0, 7.0, 1.0]]
        );
    }

    #[test]
    fn gradients_match_differences() {
        let segments = Segments::new([3, 0, 1, 4]);
        assert_gradients(&[random_tensor(&[8, 3], 1.0, 7)], 1e-3, |a| {
            pad_segments(&a[0], &segments, 2)
        });
    }
}
