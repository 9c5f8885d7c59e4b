use candle_core::{Shape, Tensor};

use artkg_kernels::{Geometry, Images, column_sums, convolution as kernels};

use super::shape::ConvolutionShape;
use crate::checks::{images, require_f32};
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// Convolves images with filters, differentiably.
///
/// `input` is `[batch, height, width, channels_in]`, `filters`
/// `[kernel_height * kernel_width * channels_in, channels_out]`, `bias`
/// `[channels_out]`; the result is `[batch, height, width, channels_out]`.
///
/// # Errors
/// [`Error::Argument`] when shapes do not fit, [`Error::Tensor`] for data types
/// other than `f32`.
pub fn convolution(
    input: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    shape: ConvolutionShape,
) -> Result<Tensor> {
    convolve(input, filters, bias, shape, false)
}

/// The positive part of a [`convolution`], differentiably. One operation, since
/// the backward pass needs the result alone and no second activation is kept.
///
/// # Errors
/// As [`convolution`].
pub fn convolution_relu(
    input: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    shape: ConvolutionShape,
) -> Result<Tensor> {
    convolve(input, filters, bias, shape, true)
}

fn convolve(
    input: &Tensor,
    filters: &Tensor,
    bias: Option<&Tensor>,
    shape: ConvolutionShape,
    relu: bool,
) -> Result<Tensor> {
    let &[rows, channels_out] = filters.dims() else {
        return Err(Error::Argument(format!(
            "convolution filters must be [kernel_height * kernel_width * channels_in, \
             channels_out], got shape {:?}",
            filters.dims()
        )));
    };
    require_f32(input, "a convolution")?;
    require_f32(filters, "the filters of a convolution")?;
    if let Some(bias) = bias {
        if bias.dims() != [channels_out] {
            return Err(Error::Argument(format!(
                "the bias of a convolution with {channels_out} output channels has shape {:?}",
                bias.dims()
            )));
        }
        require_f32(bias, "the bias of a convolution")?;
    }
    let geometry = geometry(input, (rows, channels_out), shape)?;
    let operation = Convolve { geometry, relu };
    match bias {
        Some(bias) => apply(&[input, filters, bias], operation),
        None => apply(&[input, filters], operation),
    }
}

/// The sizes of a convolution of `input` with filters of the given rows and
/// columns, which must fit.
pub(super) fn geometry(
    input: &Tensor,
    (rows, channels_out): (usize, usize),
    shape: ConvolutionShape,
) -> Result<Geometry> {
    let input = images(input, "a convolution")?;
    let expected = shape.area() * input.channels;
    if rows != expected {
        return Err(Error::Argument(format!(
            "the filters have {rows} rows, but a {}×{} kernel on {} channels needs {expected}",
            shape.kernel.0, shape.kernel.1, input.channels
        )));
    }
    let (height, width) = shape.output_size((input.height, input.width))?;
    let output = Images {
        batch: input.batch,
        height,
        width,
        channels: channels_out,
    };
    Ok(Geometry {
        input,
        output,
        shape: shape.window(),
    })
}

/// One convolution, of input and filters and perhaps a bias.
struct Convolve {
    geometry: Geometry,
    /// Whether a ReLU follows.
    relu: bool,
}

impl Operation for Convolve {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.geometry.output.dims()))
    }

    fn ends_in_relu(&self) -> bool {
        self.relu
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (input, filters, bias) = (operands[0], operands[1], operands.get(2).copied());
        let geometry = &self.geometry;
        Ok(kernels::forward(geometry, input, filters, bias, self.relu))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (geometry, gradient) = (&self.geometry, pass.gradient);
        let (input, filters) = (pass.operands[0], pass.operands[1]);
        let mut gradients = vec![
            pass.when_wanted(0, || kernels::input_gradient(geometry, filters, gradient)),
            pass.when_wanted(1, || kernels::filter_gradient(geometry, input, gradient)),
        ];
        if pass.operands.len() > 2 {
            let channels = geometry.output.channels;
            gradients.push(pass.when_wanted(2, || column_sums(gradient, channels)));
        }
        Ok(gradients)
    }
}
