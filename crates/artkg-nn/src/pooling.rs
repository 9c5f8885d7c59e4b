//! Pooling over windows and over whole images.

mod average;
mod maximum;

pub use average::{average_pool, global_average_pool};
pub use maximum::max_pool;

use std::ops::Range;

use crate::convolution::{ConvolutionShape, Images};
use crate::{Error, Result, Tensor};

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
