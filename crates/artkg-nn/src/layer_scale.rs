use candle_core::{Shape, Tensor, bail};

use artkg_kernels::branch as kernels;

use crate::checks::require_f32;
use crate::error::Result;
use crate::operation::{Backward, Operation, apply};

/// `input + scale ⊙ branch`: a residual connection with a scale for each channel
/// (Touvron et al., ICCV 2021).
///
/// `input` and `branch` are `[..., channels]`, `scale` `[channels]`. Differentiable in
/// all three.
///
/// # Errors
/// When the shapes do not fit or a tensor is not `f32`.
pub fn add_scaled(input: &Tensor, branch: &Tensor, scale: &Tensor) -> Result<Tensor> {
    for tensor in [input, branch, scale] {
        require_f32(tensor, "a scaled residual connection")?;
    }
    apply(&[input, branch, scale], AddScaled)
}

struct AddScaled;

impl Operation for AddScaled {
    fn name(&self) -> &'static str {
        "scaled residual connection"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        let [input, branch, scale] = [0, 1, 2].map(|operand: usize| operands[operand]);
        let channels = scale.elem_count();
        if input != branch || input.dims().last() != Some(&channels) || channels == 0 {
            bail!(
                "cannot add a branch of shape {:?}, scaled by {channels} values, to {:?}",
                branch.dims(),
                input.dims()
            );
        }
        Ok(input.clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::add_scaled(operands[0], operands[1], operands[2]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (branch, scale, gradient) = (pass.operands[1], pass.operands[2], pass.gradient);
        // Gradients are added to in place: none shares memory with another.
        let for_input = pass.when_wanted(0, || gradient.to_vec());
        if !pass.wanted[1] && !pass.wanted[2] {
            return Ok(vec![for_input, None, None]);
        }
        let (for_branch, for_scale) = kernels::add_scaled_gradients(branch, scale, gradient);
        Ok(vec![for_input, Some(for_branch), Some(for_scale)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn gradients_match_differences() {
        let arguments = [
            random_tensor(&[2, 3, 5], 1.0, 1),
            random_tensor(&[2, 3, 5], 1.0, 2),
            random_tensor(&[5], 1.0, 3),
        ];
        assert_gradients(&arguments, 1e-3, |a| add_scaled(&a[0], &a[1], &a[2]));
    }

    #[test]
    fn values_follow_the_definition() {
        let [input, branch] = [1, 2].map(|seed| random_tensor(&[40, 700], 1.0, seed));
        let scale = random_tensor(&[700], 1.0, 3);
        let found = add_scaled(&input, &branch, &scale).unwrap();
        let expected = (&input + branch.broadcast_mul(&scale).unwrap()).unwrap();
        let differences = (found - expected).unwrap().abs().unwrap();
        let largest = differences.max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(largest < 1e-6, "{largest}");
    }

    #[test]
    fn unfitting_shapes_are_named() {
        let [input, branch] = [[2, 6], [2, 5]].map(|shape| random_tensor(&shape, 1.0, 1));
        let scale = random_tensor(&[6], 1.0, 1);
        let error = add_scaled(&input, &branch, &scale).unwrap_err().to_string();
        assert!(
            error.contains("[2, 5]") && error.contains("[2, 6]"),
            "{error}"
        );
    }
}
