use candle_core::Tensor;

use artkg_kernels::{Geometry, Images};

use crate::checks::images;
use crate::convolution::ConvolutionShape;
use crate::error::{Error, Result};

/// Height and width of what [`max_pool_rounding_up`](super::max_pool_rounding_up) makes of images of `size`.
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
            return Err(Error::Window {
                window: kernel,
                size,
                padded,
            });
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

/// What happens where the last window would leave pixels over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    /// They are not seen.
    Down,
    /// Another window sees them, which may reach beyond the padding.
    Up,
}

/// The sizes of pooling `input` with square windows.
pub(super) fn geometry(
    input: &Tensor,
    kernel: usize,
    stride: usize,
    padding: usize,
    rounding: Rounding,
) -> Result<Geometry> {
    let shape = ConvolutionShape::square(kernel, stride, padding);
    let input = images(input, "pooling")?;
    let size = (input.height, input.width);
    let (height, width) = match rounding {
        Rounding::Down => shape.output_size(size)?,
        Rounding::Up => rounded_up_size(shape, size)?,
    };
    // As in PyTorch: otherwise a window could lie wholly outside.
    if 2 * padding > kernel {
        return Err(Error::Argument(format!(
            "padding {padding} is more than half of the pooling window {kernel}"
        )));
    }
    Ok(Geometry {
        input,
        output: Images {
            height,
            width,
            ..input
        },
        shape: shape.window(),
    })
}
