use candle_core::{Shape, Tensor};

use artkg_kernels::column_sums;
use artkg_kernels::depthwise::Depthwise;

use crate::checks::{images, require_f32};
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// A convolution of each channel by itself, with square windows of `kernel` pixels,
/// step 1 and as much padding as keeps the size.
///
/// `input` is `[batch, height, width, channels]`, `filters` `[kernel * kernel,
/// channels]`, `bias` `[channels]`. Differentiable in all three.
///
/// # Errors
/// [`Error::Argument`] when `kernel` is even, shapes do not fit, or a tensor is not
/// `f32`.
pub fn depthwise_convolution(
    input: &Tensor,
    filters: &Tensor,
    bias: &Tensor,
    kernel: usize,
) -> Result<Tensor> {
    let sizes = images(input, "a depthwise convolution")?;
    for tensor in [input, filters, bias] {
        require_f32(tensor, "a depthwise convolution")?;
    }
    if kernel.is_multiple_of(2) {
        return Err(Error::Argument(format!(
            "a depthwise convolution that keeps the size has an odd kernel, not {kernel}"
        )));
    }
    let channels = sizes.channels;
    if filters.dims() != [kernel * kernel, channels] || bias.dims() != [channels] {
        return Err(Error::Argument(format!(
            "a depthwise convolution of {channels} channels with a {kernel}×{kernel} kernel \
             cannot have filters of shape {:?} and a bias of shape {:?}",
            filters.dims(),
            bias.dims()
        )));
    }
    let depthwise = Depthwise {
        images: sizes,
        kernel,
    };
    apply(&[input, filters, bias], depthwise)
}

impl Operation for Depthwise {
    fn name(&self) -> &'static str {
        "depthwise convolution"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.images.dims()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(self.forward(operands[0], operands[1], operands[2]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (input, filters, gradient) = (pass.operands[0], pass.operands[1], pass.gradient);
        Ok(vec![
            pass.when_wanted(0, || self.input_gradient(filters, gradient)),
            pass.when_wanted(1, || self.filter_gradient(input, gradient)),
            pass.when_wanted(2, || column_sums(gradient, self.images.channels)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn gradients_match_differences() {
        for (size, channels, kernel) in [([5, 4], 3, 3), ([2, 3], 2, 7), ([4, 9], 1, 5)] {
            let arguments = [
                random_tensor(&[2, size[0], size[1], channels], 1.0, 1),
                random_tensor(&[kernel * kernel, channels], 1.0, 2),
                random_tensor(&[channels], 1.0, 3),
            ];
            assert_gradients(&arguments, 1e-3, |a| {
                depthwise_convolution(&a[0], &a[1], &a[2], kernel)
            });
        }
    }

    #[test]
    fn unfitting_shapes_are_named() {
        let input = random_tensor(&[1, 4, 4, 3], 1.0, 1);
        let bias = random_tensor(&[3], 1.0, 1);
        let refused = |rows: usize, kernel: usize| {
            let filters = random_tensor(&[rows, 3], 1.0, 1);
            let result = depthwise_convolution(&input, &filters, &bias, kernel);
            result.unwrap_err().to_string()
        };
        assert!(refused(4, 2).contains("odd"));
        assert!(refused(8, 3).contains("[8, 3]"));
    }
}
