use candle_core::{Shape, Tensor};

use artkg_kernels::{Images, excitation as kernels};

use crate::checks::{images, require_f32};
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::to_f32;

/// `relu(input · gate + residual)`: how a block with squeeze and excitation ends
/// (Hu et al., CVPR 2018).
///
/// `input` and `residual` are `[batch, height, width, channels]`, `gate` is
/// `[batch, channels]`, a factor for each channel of each image. One pass over
/// memory, forward and backward; differentiable in all three.
///
/// # Errors
/// [`Error::Argument`] when shapes or data types do not fit.
pub fn excite(input: &Tensor, gate: &Tensor, residual: &Tensor) -> Result<Tensor> {
    let (input, residual) = (&to_f32(input)?, &to_f32(residual)?);
    let sizes = images(input, "excitation")?;
    require_f32(gate, "the gate of an excitation")?;
    if gate.dims() != [sizes.batch, sizes.channels]
        || images(residual, "the residual of an excitation")? != sizes
    {
        return Err(Error::Argument(format!(
            "a gate of shape {:?} and a residual of shape {:?} do not fit an excitation of {:?}",
            gate.dims(),
            residual.dims(),
            input.dims()
        )));
    }
    apply(&[input, gate, residual], Excite { sizes })
}

struct Excite {
    sizes: Images,
}

impl Operation for Excite {
    fn name(&self) -> &'static str {
        "excite"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (input, gate, residual) = (operands[0], operands[1], operands[2]);
        Ok(kernels::forward(self.sizes, input, gate, residual))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let operands = [pass.operands[0], pass.operands[1]];
        let gradients = kernels::gradients(self.sizes, operands, pass.output, pass.gradient);
        Ok(gradients.map(Some).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    /// Operands whose sums stay away from zero, where ReLU has a kink.
    fn operands() -> [Tensor; 3] {
        let input = random_tensor(&[2, 3, 2, 4], 1.0, 1);
        let gate = random_tensor(&[2, 4], 0.4, 2);
        let residual = random_tensor(&[2, 3, 2, 4], 1.0, 3);
        let apart = residual.sign().unwrap().affine(0.6, 0.0).unwrap();
        [input, gate, (residual + apart).unwrap()]
    }

    #[test]
    fn values_follow_the_definition() {
        let [input, gate, residual] = operands();
        let wide = gate.reshape((2, 1, 1, 4)).unwrap();
        let expected = input.broadcast_mul(&wide).unwrap().add(&residual).unwrap();
        let expected = expected.relu().unwrap().flatten_all().unwrap();
        let output = excite(&input, &gate, &residual).unwrap();
        let output = output.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (output, expected) in output.iter().zip(expected.to_vec1::<f32>().unwrap()) {
            assert!((output - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn gradients_match_differences() {
        assert_gradients(&operands(), 1e-3, |a| excite(&a[0], &a[1], &a[2]));
    }

    #[test]
    fn operands_that_do_not_fit_are_refused() {
        let [input, _, residual] = operands();
        let gate = random_tensor(&[4], 1.0, 4);
        let message = excite(&input, &gate, &residual).unwrap_err().to_string();
        assert!(message.contains("[2, 3, 2, 4]"), "{message}");
        let gate = random_tensor(&[2, 4], 1.0, 4);
        assert!(excite(&input, &gate, &input.narrow(1, 0, 2).unwrap()).is_err());
    }
}
