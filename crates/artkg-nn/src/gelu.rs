use candle_core::{Shape, Tensor};

use artkg_kernels::gelu as kernels;

use crate::checks::require_f32;
use crate::error::Result;
use crate::operation::{Backward, Operation, apply};

/// `x Φ(x)` of each value, with the normal distribution function Φ (Hendrycks and
/// Gimpel, 2016); exact, as PyTorch's default.
///
/// # Errors
/// [`crate::Error::Argument`] for data types other than `f32`.
pub fn gelu(input: &Tensor) -> Result<Tensor> {
    require_f32(input, "GELU")?;
    apply(&[input], Gelu)
}

struct Gelu;

impl Operation for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::forward(operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        Ok(vec![Some(kernels::gradient(
            pass.operands[0],
            pass.gradient,
        ))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn gradients_match_differences() {
        assert_gradients(&[random_tensor(&[4, 5, 3], 3.0, 1)], 2e-3, |a| gelu(&a[0]));
    }
}
