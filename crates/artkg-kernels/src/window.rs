use std::ops::Range;

use crate::images::Images;

/// Kernel, stride and zero padding of a window that slides over images, each as
/// (height, width).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowShape {
    /// Height and width of the window.
    pub kernel: (usize, usize),
    /// Steps between windows, down and right.
    pub stride: (usize, usize),
    /// Rows of zeros above and below, columns of zeros left and right.
    pub padding: (usize, usize),
}

impl WindowShape {
    /// The number of positions in the kernel.
    pub fn area(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }
}

/// The sizes of an operation whose output pixels each read a window of the input.
///
/// Whoever makes one vouches that they fit: the kernels panic otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// What is read.
    pub input: Images,
    /// What is written.
    pub output: Images,
    /// What each output pixel reads.
    pub shape: WindowShape,
}

impl Geometry {
    /// The input rows and columns inside the window of output pixel
    /// (`row`, `column`).
    pub(crate) fn inside(&self, row: usize, column: usize) -> (Range<usize>, Range<usize>) {
        let along = |index: usize, kernel: usize, stride: usize, padding: usize, size: usize| {
            let start = index * stride;
            let end = (start + kernel).saturating_sub(padding);
            start.saturating_sub(padding).min(size)..end.min(size)
        };
        let WindowShape {
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
