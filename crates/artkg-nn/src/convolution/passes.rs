//! The three products of a convolution: its output, the gradient of its filters
//! and the gradient of its input.
//!
//! Work is cut the same way whatever the number of threads, and partial sums
//! are added in a fixed order, so results do not depend on the threads.

use rayon::prelude::*;

use super::shape::ConvolutionShape;
use super::window::{Images, Window};
use crate::product::{Matrix, MatrixMut, add_product, blocks, matrix, matrix_mut, product};
use crate::values::with_scratch;

/// Values of a strip that a product reads again and again: half of the level 2
/// cache of current processors.
const STRIP_VALUES: usize = 128 * 1024;
/// Tasks that a product is cut into at least, where it is large enough.
const TASKS: usize = 16;
/// Columns of a product below which cutting it costs more than it gives.
const NARROW: usize = 64;

/// The sizes of one convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub(crate) input: Images,
    pub(crate) output: Images,
    pub(crate) shape: ConvolutionShape,
}

impl Geometry {
    /// What output pixels read from the input, in the order of the filters.
    fn window(&self) -> Window {
        let (padding_top, padding_left) = self.shape.padding;
        let taps = (0..self.shape.kernel.0)
            .flat_map(|row| (0..self.shape.kernel.1).map(move |column| (row, column)))
            .map(|(row, column)| {
                (
                    row as isize - padding_top as isize,
                    column as isize - padding_left as isize,
                )
            })
            .collect();
        let grid = (self.output.height, self.output.width);
        Window::new(self.input, grid, self.shape.stride, taps)
    }

    /// The number of rows of the filter matrix.
    fn depth(&self) -> usize {
        self.shape.area() * self.input.channels
    }
}

/// Writes the convolution of `input` with `filters` to `output`, and calls
/// `finish` on each block of it while it is in cache, with the block's first
/// pixel and channel.
pub(crate) fn forward(
    geometry: &Geometry,
    input: &[f32],
    filters: &[f32],
    output: &mut [f32],
    finish: impl Fn(usize, usize, MatrixMut<'_>) + Sync,
) {
    let filters = matrix(filters, geometry.depth(), geometry.output.channels);
    windowed_product(&geometry.window(), input, filters, output, finish);
}

/// `output = window(source) · right`, strip by strip.
fn windowed_product(
    window: &Window,
    source: &[f32],
    right: Matrix<'_>,
    output: &mut [f32],
    finish: impl Fn(usize, usize, MatrixMut<'_>) + Sync,
) {
    let (pixels, columns) = (window.pixels(), right.ncols());
    if pixels == 0 || columns == 0 {
        return;
    }
    let strip = (STRIP_VALUES / window.depth().max(1)).clamp(96, 1024);
    let strips = pixels.div_ceil(strip);
    let width = column_block(columns, strips);
    blocks(matrix_mut(output, pixels, columns), strip, width)
        .into_par_iter()
        .for_each(|(pixel, column, mut block)| {
            let rows = block.nrows();
            with_scratch(window.buffer_length(rows), |buffer| {
                let left = window.read(source, pixel..pixel + rows, buffer);
                let right = right.subcols(column, block.ncols());
                product(block.as_mut(), left, right);
            });
            finish(pixel, column, block);
        });
}

/// The width of column blocks that makes enough tasks of `tasks` rows of blocks.
fn column_block(columns: usize, tasks: usize) -> usize {
    let wanted = TASKS.div_ceil(tasks);
    columns
        .div_ceil(wanted)
        .next_multiple_of(32)
        .max(NARROW)
        .min(columns)
}

/// Writes the gradient of the filters to `result`.
pub(crate) fn filter_gradient(
    geometry: &Geometry,
    input: &[f32],
    gradient: &[f32],
    result: &mut [f32],
) {
    /// Filters below this many values are summed per group of pixels, larger
    /// ones are cut into blocks.
    const SMALL: usize = 64 * 1024;
    /// Fewest pixels of a group.
    const GROUP: usize = 512;

    let window = geometry.window();
    let (pixels, columns) = (window.pixels(), geometry.output.channels);
    let gradient = matrix(gradient, pixels, columns);
    if result.len() <= SMALL {
        let group = pixels.div_ceil(TASKS).max(GROUP);
        let partial_sums: Vec<Vec<f32>> = (0..pixels.div_ceil(group))
            .into_par_iter()
            .map(|index| {
                let range = index * group..((index + 1) * group).min(pixels);
                let mut sum = vec![0.0; window.depth() * columns];
                let target = matrix_mut(&mut sum, window.depth(), columns);
                accumulate(&window, input, gradient, range, target);
                sum
            })
            .collect();
        result.fill(0.0);
        for partial in partial_sums {
            for (total, value) in result.iter_mut().zip(partial) {
                *total += value;
            }
        }
        return;
    }
    let taps = window.taps();
    let channels = geometry.input.channels;
    let width = column_block(columns, taps);
    blocks(
        matrix_mut(result, taps * channels, columns),
        channels,
        width,
    )
    .into_par_iter()
    .for_each(|(row, column, mut block)| {
        let tap = row / channels;
        let window = window.with_taps(tap..tap + 1);
        let gradient = gradient.subcols(column, block.ncols());
        block.fill(0.0);
        accumulate(&window, input, gradient, 0..pixels, block);
    });
}

/// `sum += window(source)ᵀ · gradient` over the pixels in `range`.
fn accumulate(
    window: &Window,
    source: &[f32],
    gradient: Matrix<'_>,
    range: std::ops::Range<usize>,
    mut sum: MatrixMut<'_>,
) {
    let strip = (STRIP_VALUES / window.depth().max(1)).clamp(64, 2048);
    with_scratch(window.buffer_length(strip.min(range.len())), |buffer| {
        let mut start = range.start;
        while start < range.end {
            let end = (start + strip).min(range.end);
            let left = window.read(source, start..end, buffer);
            let right = gradient.subrows(start, end - start);
            add_product(sum.as_mut(), left.transpose(), right);
            start = end;
        }
    });
}

/// Writes the gradient of the input to `result`.
///
/// Input pixels whose row and column leave the same remainder by the stride
/// ("phase") read the same positions of the kernel, so each phase is a
/// convolution of the gradient by itself and nothing is scattered.
pub(crate) fn input_gradient(
    geometry: &Geometry,
    filters: &[f32],
    gradient: &[f32],
    result: &mut [f32],
) {
    let (stride, input) = (geometry.shape.stride, geometry.input);
    if stride == (1, 1) {
        phase_gradient(geometry, filters, gradient, (0, 0), result);
        return;
    }
    let phases: Vec<Option<Vec<f32>>> = (0..stride.0 * stride.1)
        .map(|index| {
            let phase = (index / stride.1, index % stride.1);
            let size = phase_size(geometry, phase);
            let length = input.batch * size.0 * size.1 * input.channels;
            let mut values = vec![0.0; length];
            phase_gradient(geometry, filters, gradient, phase, &mut values).then_some(values)
        })
        .collect();
    let row_length = input.width * input.channels;
    if result.is_empty() {
        return;
    }
    result
        .par_chunks_mut(row_length)
        .enumerate()
        .for_each(|(row, target)| {
            let (image, y) = (row / input.height, row % input.height);
            for (x, pixel) in target.chunks_exact_mut(input.channels).enumerate() {
                let phase = (y % stride.0, x % stride.1);
                let Some(values) = &phases[phase.0 * stride.1 + phase.1] else {
                    pixel.fill(0.0);
                    continue;
                };
                let size = phase_size(geometry, phase);
                let index = (image * size.0 + y / stride.0) * size.1 + x / stride.1;
                pixel.copy_from_slice(&values[index * input.channels..][..input.channels]);
            }
        });
}

/// The number of input rows and columns in `phase`.
fn phase_size(geometry: &Geometry, phase: (usize, usize)) -> (usize, usize) {
    let stride = geometry.shape.stride;
    (
        geometry
            .input
            .height
            .saturating_sub(phase.0)
            .div_ceil(stride.0),
        geometry
            .input
            .width
            .saturating_sub(phase.1)
            .div_ceil(stride.1),
    )
}

/// Writes the gradient of the input pixels of `phase`, or returns false when
/// no position of the kernel reads them, and their gradient is zero.
fn phase_gradient(
    geometry: &Geometry,
    filters: &[f32],
    gradient: &[f32],
    phase: (usize, usize),
    result: &mut [f32],
) -> bool {
    let shape = geometry.shape;
    // Kernel positions from last to first, so that what they read of the
    // gradient is in rising order.
    let rows = phase_positions(shape.kernel.0, shape.stride.0, shape.padding.0, phase.0);
    let columns = phase_positions(shape.kernel.1, shape.stride.1, shape.padding.1, phase.1);
    let mut positions = Vec::with_capacity(rows.len() * columns.len());
    let mut taps = Vec::with_capacity(positions.capacity());
    for &(row, tap_row) in &rows {
        for &(column, tap_column) in &columns {
            positions.push(row * shape.kernel.1 + column);
            taps.push((tap_row, tap_column));
        }
    }
    if taps.is_empty() {
        result.fill(0.0);
        return false;
    }
    let window = Window::new(geometry.output, phase_size(geometry, phase), (1, 1), taps);
    let (inputs, outputs) = (geometry.input.channels, geometry.output.channels);
    let block = |position: usize| &filters[position * inputs * outputs..][..inputs * outputs];
    if let [position] = positions[..] {
        let right = matrix(block(position), inputs, outputs).transpose();
        windowed_product(&window, gradient, right, result, |_, _, _| {});
    } else {
        let mut transposed = vec![0.0; positions.len() * inputs * outputs];
        transposed
            .par_chunks_mut((inputs * outputs).max(1))
            .zip(&positions)
            .for_each(|(target, &position)| {
                matrix_mut(target, outputs, inputs)
                    .copy_from(matrix(block(position), inputs, outputs).transpose());
            });
        let right = matrix(&transposed, positions.len() * outputs, inputs);
        windowed_product(&window, gradient, right, result, |_, _, _| {});
    }
    true
}

/// The kernel positions along one axis that read input pixels of `phase`, last
/// to first, and the offset of the gradient pixel each belongs to.
fn phase_positions(
    kernel: usize,
    stride: usize,
    padding: usize,
    phase: usize,
) -> Vec<(usize, isize)> {
    // Output o reads input o · stride + position − padding; input pixels are
    // i = t · stride + phase, so o = t + (phase + padding − position) / stride.
    (0..kernel)
        .rev()
        .filter_map(|position| {
            let distance = (phase + padding) as isize - position as isize;
            let stride = stride as isize;
            (distance.rem_euclid(stride) == 0).then(|| (position, distance.div_euclid(stride)))
        })
        .collect()
}
