use candle_core::{Shape, Tensor};

use artkg_kernels::{Segments, sets};

use super::rows::check_rows;
use crate::error::Result;
use crate::operation::{Backward, Operation, apply};

/// Sum, multiplied by `scale`, and maximum over the rows of each set, side by
/// side: `[rows, features]` to `[sets, 2 · features]`. A set without rows has
/// zeros. Differentiable; the gradient of a maximum goes to the first row that
/// has it.
///
/// # Errors
/// When the rows are not those of `segments`, or are not `f32`.
pub fn pool_segments(rows: &Tensor, segments: &Segments, scale: f32) -> Result<Tensor> {
    let (count, features) = rows.dims2()?;
    check_rows(segments, count, "pooling over sets")?;
    let operation = Pool {
        segments: segments.clone(),
        features,
        scale,
    };
    apply(&[rows], operation)
}

struct Pool {
    segments: Segments,
    features: usize,
    scale: f32,
}

impl Operation for Pool {
    fn name(&self) -> &'static str {
        "pooling over sets"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from((self.segments.len(), 2 * self.features)))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let rows = operands[0];
        Ok(sets::pool(rows, &self.segments, self.features, self.scale))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let values = [pass.operands[0], pass.output, pass.gradient];
        let gradient = sets::pool_gradient(values, &self.segments, self.features, self.scale);
        Ok(vec![Some(gradient)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
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
        let rows = Var::new(&[[0f32], [0.0]], &Device::Cpu).unwrap();
        let pooled = pool_segments(&rows, &Segments::new([2]), 1.0).unwrap();
        let gradients = pooled.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&rows).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(gradient, [[2.0], [1.0]]);
    }
}
