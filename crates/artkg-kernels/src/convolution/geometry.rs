use super::window::Window;
use crate::window::Geometry;

impl Geometry {
    /// Rows and columns of the filters.
    pub(super) fn filter_sizes(&self) -> (usize, usize) {
        (
            self.shape.area() * self.input.channels,
            self.output.channels,
        )
    }

    /// What output pixels read from the input, in the order of the filters, for
    /// kernels whose steps take `depth` elements.
    pub(crate) fn window(&self, depth: usize) -> Window {
        let (padding_top, padding_left) = self.shape.padding;
        let taps: Vec<_> = (0..self.shape.kernel.0)
            .flat_map(|row| (0..self.shape.kernel.1).map(move |column| (row, column)))
            .map(|(row, column)| {
                (
                    row as isize - padding_top as isize,
                    column as isize - padding_left as isize,
                )
            })
            .collect();
        let grid = (self.output.height, self.output.width);
        Window::new(self.input, grid, self.shape.stride, &taps, depth)
    }
}
