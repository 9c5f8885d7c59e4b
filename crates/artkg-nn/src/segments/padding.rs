use candle_core::{Shape, Tensor};

use artkg_kernels::{Segments, sets};

use super::rows::check_rows;
use crate::error::Result;
use crate::operation::{Backward, Operation, apply};

/// The first `places` rows of each set one after the other, with a mask: `[rows,
/// features]` to `[sets, places · (features + 1)]`, where the last value of each
/// place is 1 for a row and 0, like all others, for padding. Differentiable.
///
/// # Errors
/// When the rows are not those of `segments`, or are not `f32`.
pub fn pad_segments(rows: &Tensor, segments: &Segments, places: usize) -> Result<Tensor> {
    let (count, features) = rows.dims2()?;
    check_rows(segments, count, "padding of sets")?;
    let operation = Pad {
        segments: segments.clone(),
        features,
        places,
    };
    apply(&[rows], operation)
}

struct Pad {
    segments: Segments,
    features: usize,
    places: usize,
}

impl Operation for Pad {
    fn name(&self) -> &'static str {
        "padding of sets"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        let width = self.places * (self.features + 1);
        Ok(Shape::from((self.segments.len(), width)))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let rows = operands[0];
        Ok(sets::pad(rows, &self.segments, self.features, self.places))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (segments, features) = (&self.segments, self.features);
        let gradient = sets::pad_gradient(pass.gradient, segments, features, self.places);
        Ok(vec![Some(gradient)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
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
