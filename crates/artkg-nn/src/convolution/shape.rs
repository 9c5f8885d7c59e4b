use artkg_kernels::WindowShape;

use crate::error::{Error, Result};

/// Kernel, stride and zero padding of a window that slides over images, each as
/// (height, width).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvolutionShape {
    /// Height and width of the window.
    pub kernel: (usize, usize),
    /// Steps between windows, down and right.
    pub stride: (usize, usize),
    /// Rows of zeros above and below, columns of zeros left and right.
    pub padding: (usize, usize),
}

impl ConvolutionShape {
    /// The same kernel, stride and padding in both directions.
    pub fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        Self {
            kernel: (kernel, kernel),
            stride: (stride, stride),
            padding: (padding, padding),
        }
    }

    /// Height and width of what the window produces on images of `size`.
    ///
    /// # Errors
    /// [`Error::Argument`] when kernel or stride is zero, [`Error::Window`] when the padded image
    /// is smaller than the kernel.
    pub fn output_size(&self, size: (usize, usize)) -> Result<(usize, usize)> {
        let along = |size: usize, kernel: usize, stride: usize, padding: usize| {
            if kernel == 0 || stride == 0 {
                return Err(Error::Argument(format!(
                    "kernel and stride must be at least 1, got {self:?}"
                )));
            }
            let padded = size + 2 * padding;
            if padded < kernel {
                return Err(Error::Window {
                    window: kernel,
                    size,
                    padded,
                });
            }
            Ok((padded - kernel) / stride + 1)
        };
        Ok((
            along(size.0, self.kernel.0, self.stride.0, self.padding.0)?,
            along(size.1, self.kernel.1, self.stride.1, self.padding.1)?,
        ))
    }

    /// The number of positions in the kernel.
    pub(crate) fn area(&self) -> usize {
        self.window().area()
    }

    /// The same, as kernels take it.
    pub(crate) fn window(&self) -> WindowShape {
        WindowShape {
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let stem = ConvolutionShape::square(7, 2, 3);
        assert_eq!(stem.output_size((224, 225)).unwrap(), (112, 113));
        let wide = ConvolutionShape {
            kernel: (1, 5),
            stride: (1, 2),
            padding: (0, 1),
        };
        assert_eq!(wide.output_size((3, 3)).unwrap(), (3, 1));
    }

    #[test]
    fn impossible_windows_are_refused() {
        let message = |shape: ConvolutionShape| shape.output_size((4, 4)).unwrap_err().to_string();
        assert!(message(ConvolutionShape::square(7, 1, 1)).contains("does not fit 4"));
        assert!(message(ConvolutionShape::square(0, 1, 1)).contains("at least 1"));
        assert!(message(ConvolutionShape::square(1, 0, 1)).contains("at least 1"));
    }
}
