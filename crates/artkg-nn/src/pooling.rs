//! Pooling over windows and over whole images.

mod adaptive;
mod average;
mod maximum;

pub use adaptive::adaptive_average_pool;
pub use average::{average_pool, global_average_pool};
pub use maximum::{max_pool, max_pool_rounding_up};

use std::ops::Range;

use crate::convolution::{ConvolutionShape, Images};
use crate::{Error, Result, Tensor};

/// Height and width of what [`max_pool_rounding_up`] makes of images of `size`.
///
/// # Errors
/// [`Error::Argument`] when kernel or stride is zero, or nothing would be left
/// of the images.
pub fn rounded_up_size(shape: ConvolutionShape, size: (usize, usize)) -> Result<(usize, usize)> {
    let along = |size: usize, kernel: usize, stride: usize, padding: usize| {
        if kernel == 0 || stride == 0 {
            return Err(Error::Argument(format!(
                "kernel and stride must be at least 1, got {shape:?}"
            )));
        }
        let padded = size + 2 * padding;
        if padded + stride <= kernel {
            return Err(Error::Argument(format!(
                "a window of {kernel} does not fit {size} pixels padded to {padded}"
            )));
        }
        // How many begin within the image or the padding before it.
        let beginning = (size + padding).div_ceil(stride);
        Ok((padded + stride - kernel).div_ceil(stride).min(beginning))
    };
    Ok((
        along(size.0, shape.kernel.0, shape.stride.0, shape.padding.0)?,
        along(size.1, shape.kernel.1, shape.stride.1, shape.padding.1)?,
    ))
}

/// The sizes of one pooling.
#[derive(Clone, Copy, Debug)]
struct Geometry {
    input: Images,
    output: Images,
    shape: ConvolutionShape,
}

impl Geometry {
    fn new(input: &Tensor, kernel: usize, stride: usize, padding: usize) -> Result<Self> {
        let shape = ConvolutionShape::square(kernel, stride, padding);
        let input = crate::convolution::images(input, "pooling")?;
        let (height, width) = shape.output_size((input.height, input.width))?;
        Self::with_output(input, shape, (height, width))
    }

    /// The same with a last window that may reach beyond the padding, where a
    /// pixel would be left over otherwise.
    fn rounding_up(input: &Tensor, kernel: usize, stride: usize, padding: usize) -> Result<Self> {
        let shape = ConvolutionShape::square(kernel, stride, padding);
        let input = crate::convolution::images(input, "pooling")?;
        let size = rounded_up_size(shape, (input.height, input.width))?;
        Self::with_output(input, shape, size)
    }

    fn with_output(
        input: Images,
        shape: ConvolutionShape,
        (height, width): (usize, usize),
    ) -> Result<Self> {
        let (kernel, padding) = (shape.kernel.0, shape.padding.0);
        // As in PyTorch: otherwise a window could lie wholly outside.
        if 2 * padding > kernel {
            return Err(Error::Argument(format!(
                "padding {padding} is more than half of the pooling window {kernel}"
            )));
        }
        Ok(Self {
            input,
            output: Images {
                height,
                width,
                ..input
            },
            shape,
        })
    }

    /// The input rows and columns inside the window of output pixel
    /// (`row`, `column`).
    fn inside(&self, row: usize, column: usize) -> (Range<usize>, Range<usize>) {
        let along = |index: usize, kernel: usize, stride: usize, padding: usize, size: usize| {
            let start = index * stride;
            let end = (start + kernel).saturating_sub(padding);
            start.saturating_sub(padding).min(size)..end.min(size)
        };
        let ConvolutionShape {
            kernel,
            stride,
            padding,
        } = self.shape;
        (
            along(row, kernel.0, stride.0, padding.0, self.input.height),
            along(column, kernel.1, stride.1, padding.1, self.input.width),
        )
    }
}
