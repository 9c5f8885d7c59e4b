use candle_core::{Shape, Tensor};

use artkg_kernels::sigmoid as kernels;

use crate::checks::require_f32;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// `x σ(x)` of each value, with the logistic function σ (Elfwing, Uchibe and Doya,
/// 2018).
///
/// # Errors
/// [`crate::Error::Argument`] for data types other than `f32`.
pub fn silu(input: &Tensor) -> Result<Tensor> {
    require_f32(input, "SiLU")?;
    apply(&[input], Gated { beta: 1.0 })
}

/// `x σ(1.702 x)` of each value, the approximation of GELU that OpenAI's CLIP was
/// trained with.
///
/// # Errors
/// As [`silu`].
pub fn quick_gelu(input: &Tensor) -> Result<Tensor> {
    require_f32(input, "quick GELU")?;
    let beta = kernels::QUICK_GELU;
    apply(&[input], Gated { beta })
}

/// The first half of the last dimension through [`silu`], times the second half:
/// `[..., 2n]` to `[..., n]` (Shazeer, 2020).
///
/// # Errors
/// As [`silu`], and when the last dimension is odd.
pub fn swiglu(input: &Tensor) -> Result<Tensor> {
    require_f32(input, "SwiGLU")?;
    match input.dims().last() {
        Some(&last) if last > 0 && last.is_multiple_of(2) => {
            apply(&[input], GatedHalves { width: last / 2 })
        }
        _ => Err(Error::Argument(format!(
            "SwiGLU takes two halves side by side, got shape {:?}",
            input.dims()
        ))),
    }
}

/// `x σ(βx)`.
struct Gated {
    beta: f32,
}

impl Operation for Gated {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::forward(operands[0], self.beta))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let input = pass.operands[0];
        Ok(vec![Some(kernels::gradient(
            input,
            pass.gradient,
            self.beta,
        ))])
    }
}

/// Rows of `width` gates and as many values.
struct GatedHalves {
    width: usize,
}

impl Operation for GatedHalves {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        let mut dims = operands[0].dims().to_vec();
        if let Some(last) = dims.last_mut() {
            *last = self.width;
        }
        Ok(Shape::from(dims))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::gated_halves(operands[0], self.width))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let input = pass.operands[0];
        Ok(vec![Some(kernels::gated_halves_gradient(
            input,
            pass.gradient,
            self.width,
        ))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn gradients_match_differences() {
        let input = [random_tensor(&[3, 2, 6], 3.0, 1)];
        assert_gradients(&input, 2e-3, |a| silu(&a[0]));
        assert_gradients(&input, 2e-3, |a| quick_gelu(&a[0]));
        assert_gradients(&input, 2e-3, |a| swiglu(&a[0]));
    }

    #[test]
    fn an_odd_width_has_no_halves() {
        let error = swiglu(&random_tensor(&[2, 3], 1.0, 1)).unwrap_err();
        assert!(error.to_string().contains("[2, 3]"), "{error}");
    }
}
