use candle_core::{Shape, Tensor, bail};

use artkg_kernels::elementwise;

use crate::error::Result;
use crate::operation::{Backward, Operation, apply};

/// The sum of two tensors of one shape: a residual connection that networks can
/// record.
///
/// # Errors
/// When the shapes differ or a tensor is not `f32`.
pub fn add(first: &Tensor, second: &Tensor) -> Result<Tensor> {
    apply(&[first, second], Add)
}

struct Add;

impl Operation for Add {
    fn name(&self) -> &'static str {
        "addition"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        let (first, second) = (operands[0], operands[1]);
        if first != second {
            bail!(
                "cannot add tensors of shapes {:?} and {:?}",
                first.dims(),
                second.dims()
            );
        }
        Ok(first.clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(elementwise::sum(operands[0], operands[1]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        // Gradients are added to in place: the two must not share memory.
        let copy = |operand| pass.when_wanted(operand, || pass.gradient.to_vec());
        Ok(vec![copy(0), copy(1)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn gradients_match_differences() {
        let arguments = [
            random_tensor(&[3, 4], 1.0, 1),
            random_tensor(&[3, 4], 1.0, 2),
        ];
        assert_gradients(&arguments, 1e-3, |a| add(&a[0], &a[1]));
    }

    #[test]
    fn other_shapes_are_refused() {
        let error = add(
            &random_tensor(&[3, 4], 1.0, 1),
            &random_tensor(&[4, 3], 1.0, 2),
        );
        assert!(error.unwrap_err().to_string().contains("[4, 3]"));
    }
}
