use std::ops::Range;

use crate::product::{Matrix, matrix};
use crate::vector::vectorised;

/// A batch of images in memory, `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Images {
    pub(crate) batch: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
}

impl Images {
    /// The number of pixels of all images.
    pub(crate) fn pixels(&self) -> usize {
        self.batch * self.height * self.width
    }

    /// The number of values.
    pub(crate) fn len(&self) -> usize {
        self.pixels() * self.channels
    }
}

/// Taps side by side in one row of the source, which lie side by side in
/// memory as well.
#[derive(Clone, Copy, Debug)]
struct Run {
    row: isize,
    column: isize,
    taps: usize,
}

/// What the pixels of a grid read from source images: the pixel at (row,
/// column) reads (row · stride + tap row, column · stride + tap column) for
/// each tap, and zero outside of the source.
///
/// Every pass of a convolution is a product with the matrix of these readings,
/// one row for each grid pixel ("im2col").
#[derive(Clone, Debug)]
pub(super) struct Window {
    source: Images,
    grid: (usize, usize),
    stride: (usize, usize),
    taps: Vec<(isize, isize)>,
    runs: Vec<Run>,
}

impl Window {
    pub(super) fn new(
        source: Images,
        grid: (usize, usize),
        stride: (usize, usize),
        taps: Vec<(isize, isize)>,
    ) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for &(row, column) in &taps {
            match runs.last_mut() {
                Some(run) if run.row == row && run.column + run.taps as isize == column => {
                    run.taps += 1;
                }
                _ => runs.push(Run {
                    row,
                    column,
                    taps: 1,
                }),
            }
        }
        Self {
            source,
            grid,
            stride,
            taps,
            runs,
        }
    }

    /// The same window with only the taps in `range`.
    pub(super) fn with_taps(&self, range: Range<usize>) -> Self {
        Self::new(
            self.source,
            self.grid,
            self.stride,
            self.taps[range].to_vec(),
        )
    }

    /// The number of grid pixels, of all images.
    pub(super) fn pixels(&self) -> usize {
        self.source.batch * self.grid.0 * self.grid.1
    }

    /// The number of taps.
    pub(super) fn taps(&self) -> usize {
        self.taps.len()
    }

    /// The number of values that each grid pixel reads.
    pub(super) fn depth(&self) -> usize {
        self.taps.len() * self.source.channels
    }

    /// Whether grid pixels read exactly themselves, so that the source is
    /// already the matrix.
    fn is_identity(&self) -> bool {
        self.taps == [(0, 0)]
            && self.stride == (1, 1)
            && self.grid == (self.source.height, self.source.width)
    }

    /// The number of values that [`Window::read`] needs as a buffer.
    pub(super) fn buffer_length(&self, pixels: usize) -> usize {
        if self.is_identity() {
            0
        } else {
            pixels * self.depth()
        }
    }

    /// The rows of the matrix for the grid pixels in `range`, either straight
    /// from `source` or written into `buffer`.
    pub(super) fn read<'a>(
        &self,
        source: &'a [f32],
        range: Range<usize>,
        buffer: &'a mut [f32],
    ) -> Matrix<'a> {
        let (rows, depth) = (range.len(), self.depth());
        if self.is_identity() {
            return matrix(&source[range.start * depth..range.end * depth], rows, depth);
        }
        let buffer = &mut buffer[..rows * depth];
        vectorised(
            #[inline(always)]
            || self.gather(source, range, buffer),
        );
        matrix(buffer, rows, depth)
    }

    /// Writes the rows of the matrix for the grid pixels in `range`.
    #[inline(always)]
    fn gather(&self, source: &[f32], range: Range<usize>, buffer: &mut [f32]) {
        let (height, width) = (self.source.height as isize, self.source.width as isize);
        let channels = self.source.channels;
        let image_length = self.source.height * self.source.width * channels;
        let (grid_rows, grid_columns) = self.grid;

        let mut column = range.start % grid_columns;
        let mut row = range.start / grid_columns % grid_rows;
        let mut image = range.start / grid_columns / grid_rows;
        for mut target in buffer.chunks_exact_mut(self.depth()) {
            let source = &source[image * image_length..(image + 1) * image_length];
            let top = (row * self.stride.0) as isize;
            let left = (column * self.stride.1) as isize;
            for run in &self.runs {
                let (cells, rest) = target.split_at_mut(run.taps * channels);
                target = rest;
                let y = top + run.row;
                let x = left + run.column;
                let inside = x.clamp(0, width)..(x + run.taps as isize).clamp(0, width);
                if y < 0 || y >= height || inside.is_empty() {
                    cells.fill(0.0);
                    continue;
                }
                let before = (inside.start - x) as usize * channels;
                let length = (inside.end - inside.start) as usize * channels;
                let start = (y * width + inside.start) as usize * channels;
                cells[..before].fill(0.0);
                copy(
                    &source[start..start + length],
                    &mut cells[before..before + length],
                );
                cells[before + length..].fill(0.0);
            }
            column += 1;
            if column == grid_columns {
                column = 0;
                row += 1;
                if row == grid_rows {
                    row = 0;
                    image += 1;
                }
            }
        }
    }
}

/// Copies values of which there are often few, where calling `memcpy` would take
/// longer than the copy.
#[inline(always)]
fn copy(source: &[f32], target: &mut [f32]) {
    const LANES: usize = 16;
    const FEW: usize = 8 * LANES;
    let length = source.len();
    if !(LANES..=FEW).contains(&length) {
        target.copy_from_slice(source);
        return;
    }
    let target = &mut target[..length];
    let (pieces, _) = target.as_chunks_mut::<LANES>();
    for (target, source) in pieces.iter_mut().zip(source.as_chunks::<LANES>().0) {
        *target = *source;
    }
    // The last piece overlaps the one before.
    target[length - LANES..].copy_from_slice(&source[length - LANES..]);
}
