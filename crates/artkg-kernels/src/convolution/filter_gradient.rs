use std::ops::Range;

use rayon::prelude::*;

use super::slivers::{pack, pitch};
use super::window::{Reading, Window};
use crate::kernel::{OuterKernel, OuterTile, Run, Strip, for_each_tile, with_scratch};
use crate::shared::Shared;
use crate::window::Geometry;

/// Filters of at most this many values are summed in parts, each over its own
/// images and rows; of larger ones, each task sums its own part.
const SMALL: usize = 160 * 1024;
/// Parts that small filters are summed in. Fixed, as results depend on it.
const PARTS: usize = 8;
/// Pixels that tiles go through before the next tile: their readings and
/// gradients stay in the level 2 cache.
const CHUNK: usize = 256;
/// Tiles, one below the other, that share a copy of the gradient.
const TILES: usize = 16;
/// Filters of at least this many values are summed from copies of both operands:
/// enough tiles read each copied value, and steps far apart cost more.
const PACKED: usize = 64 * 1024;
/// Tasks that large filters are cut into at least.
const TASKS: usize = 8;

/// The gradient of the filters of a convolution.
pub(crate) fn filter_gradient(
    kernel: &OuterKernel,
    geometry: &Geometry,
    input: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    assert_eq!(gradient.len(), geometry.output.len());
    let window = geometry.window(1);
    let sum = Sum {
        kernel,
        window: &window,
        gradient,
        columns: geometry.output.channels,
    };
    if window.depth() * sum.columns <= SMALL {
        sum.in_parts(input)
    } else {
        sum.at_once(input)
    }
}

/// The sum over pixels of what each reads times its gradient.
struct Sum<'a> {
    kernel: &'a OuterKernel,
    window: &'a Window,
    gradient: &'a [f32],
    columns: usize,
}

impl Sum<'_> {
    /// Sums parts of the grid rows and adds them up in their order.
    fn in_parts(&self, input: &[f32]) -> Vec<f32> {
        let rows = self.window.rows();
        let part = rows.div_ceil(PARTS).max(1);
        let strip = (CHUNK / self.window.columns().max(1)).max(1);
        let parts: Vec<Vec<f32>> = (0..rows.div_ceil(part))
            .into_par_iter()
            .with_max_len(1)
            .map(|index| {
                let mut sum = vec![0.0; self.window.depth() * self.columns];
                let mut rows = index * part..((index + 1) * part).min(rows);
                while !rows.is_empty() {
                    let here = rows.start..(rows.start + strip).min(rows.end);
                    rows.start = here.end;
                    let buffer_length = self.window.buffer_length(here.clone());
                    with_scratch(buffer_length + self.packed_length(), |buffer| {
                        let (buffer, packed) = buffer.split_at_mut(buffer_length);
                        let reading = self.window.read(input, here.clone(), buffer);
                        let strips = self.strips(&reading, here);
                        let mut row = 0;
                        for run in self.window.runs() {
                            let output = sum[row * self.columns..].as_mut_ptr();
                            // SAFETY: the sum has a row for each value of the runs.
                            unsafe {
                                let columns = 0..self.columns;
                                self.add(&reading, &strips, *run, columns, output, packed);
                            }
                            row += run.length;
                        }
                    });
                }
                sum
            })
            .collect();
        let mut parts = parts.into_iter();
        let Some(mut total) = parts.next() else {
            return vec![0.0; self.window.depth() * self.columns];
        };
        let parts: Vec<Vec<f32>> = parts.collect();
        let length = total.len().div_ceil(16).max(1);
        total
            .par_chunks_mut(length)
            .enumerate()
            .for_each(|(index, total)| {
                for part in &parts {
                    for (total, value) in total.iter_mut().zip(&part[index * length..]) {
                        *total += value;
                    }
                }
            });
        total
    }

    /// Sums all pixels, each task for its own rows of the filters.
    fn at_once(&self, input: &[f32]) -> Vec<f32> {
        let rows = 0..self.window.rows();
        let mut buffer = vec![0.0; self.window.buffer_length(rows.clone())];
        let reading = self.window.read(input, rows.clone(), &mut buffer);
        let strips = self.strips(&reading, rows);
        let mut result = vec![0.0; self.window.depth() * self.columns];
        let output = Shared(result.as_mut_ptr());
        let mut pieces = Vec::new();
        let mut row = 0;
        for run in self.window.runs() {
            for_each_tile(run.length, TILES * self.kernel.rows, |start, length| {
                let offset = run.offset + start;
                pieces.push((row + start, Run { offset, length }));
            });
            row += run.length;
        }
        let width = self.group_width(pieces.len());
        let groups = self.columns.div_ceil(width);
        (0..pieces.len() * groups)
            .into_par_iter()
            .with_max_len(1)
            .for_each(|task| {
                let (row, run) = pieces[task / groups];
                let first = task % groups * width;
                let columns = first..(first + width).min(self.columns);
                let output = output.pointer().wrapping_add(row * self.columns);
                with_scratch(self.packed_length(), |packed| {
                    for strips in chunks(&strips) {
                        // SAFETY: the result has a row for each value of the runs,
                        // and each task writes rows and columns of its own.
                        unsafe {
                            self.add(&reading, strips, run, columns.clone(), output, packed);
                        }
                    }
                });
            });
        result
    }

    /// The columns of a task, when there are `pieces` of the rows: tasks are enough,
    /// and as many for each thread.
    fn group_width(&self, pieces: usize) -> usize {
        let panels = self.columns.div_ceil(self.kernel.columns);
        let groups = TASKS.div_ceil(pieces.max(1));
        let groups = groups.next_multiple_of(rayon::current_num_threads());
        panels.div_ceil(groups.min(panels)) * self.kernel.columns
    }

    /// Whether tiles read copies of both operands.
    fn is_packed(&self) -> bool {
        self.window.depth() * self.columns >= PACKED
    }

    /// Values of the copies that [`Sum::add`] makes.
    fn packed_length(&self) -> usize {
        if !self.is_packed() {
            return 0;
        }
        let steps = CHUNK.max(self.window.columns());
        steps * (pitch(self.kernel.columns) + TILES * pitch(self.kernel.rows))
    }

    /// The pixels of grid rows as steps: neighbours one after the other.
    fn strips(&self, reading: &Reading<'_, f32>, rows: Range<usize>) -> Vec<Strip> {
        let mut strips: Vec<Strip> = Vec::new();
        let (columns, step) = (self.window.columns(), self.window.step());
        if columns == 0 {
            return strips;
        }
        for (row, starts) in rows.zip(reading.starts.chunks_exact(columns)) {
            let (left, right) = (starts[0], row * columns * self.columns);
            match strips.last_mut() {
                Some(strip)
                    if strip.left + strip.steps * step == left
                        && strip.steps + columns <= CHUNK =>
                {
                    strip.steps += columns;
                }
                _ => strips.push(Strip {
                    left,
                    right,
                    steps: columns,
                }),
            }
        }
        strips
    }

    /// Adds the sum over `strips` for the filter rows of `run` to `output`, where
    /// the first of them starts. `packed` is as long as [`Sum::packed_length`] says.
    ///
    /// # Safety
    /// `output` is valid for a row of all columns for each value of the run.
    unsafe fn add(
        &self,
        reading: &Reading<'_, f32>,
        strips: &[Strip],
        run: Run,
        columns: Range<usize>,
        output: *mut f32,
        packed: &mut [f32],
    ) {
        let kernel = self.kernel;
        assert!(columns.end <= self.columns);
        let steps = strips.iter().map(|strip| strip.steps).sum();
        let is_packed = self.is_packed();
        let (left_pitch, right_pitch) = (pitch(kernel.rows), pitch(kernel.columns));
        let (right_copy, left_copies) =
            packed.split_at_mut(if is_packed { steps * right_pitch } else { 0 });
        let whole = [Strip {
            left: 0,
            right: 0,
            steps,
        }];
        for_each_tile(run.length, TILES * kernel.rows, |top, height| {
            let source = &reading.source[run.offset + top..];
            if is_packed {
                let mut copies = left_copies.chunks_exact_mut((steps * left_pitch).max(1));
                for_each_tile(height, kernel.rows, |start, rows| {
                    // There is room for all tiles.
                    let Some(copy) = copies.next() else { return };
                    let strips = strips.iter().map(|strip| (strip.left + start, strip.steps));
                    pack(source, self.window.step(), strips, rows, left_pitch, copy);
                });
            }
            for first in columns.clone().step_by(kernel.columns) {
                let count = kernel.columns.min(columns.end - first);
                if is_packed {
                    let strips = strips
                        .iter()
                        .map(|strip| (strip.right + first, strip.steps));
                    pack(
                        self.gradient,
                        self.columns,
                        strips,
                        count,
                        right_pitch,
                        right_copy,
                    );
                }
                let mut index = 0;
                for_each_tile(height, kernel.rows, |start, rows| {
                    let (left, left_stride, right, right_stride, strips) = if is_packed {
                        let copy = &left_copies[index * steps * left_pitch..];
                        (copy, left_pitch, &*right_copy, right_pitch, &whole[..])
                    } else {
                        let (left, right) = (&source[start..], &self.gradient[first..]);
                        (left, self.window.step(), right, self.columns, strips)
                    };
                    index += 1;
                    let tile = OuterTile {
                        rows,
                        columns: count,
                        left: left.as_ptr(),
                        left_stride,
                        right: right.as_ptr(),
                        right_stride,
                        strips,
                        output: output.wrapping_add((top + start) * self.columns + first),
                        output_stride: self.columns,
                    };
                    // SAFETY: the reading reaches no further than its source, the
                    // gradient has a row for each pixel, copies have one for each
                    // step, and the caller vouches for the output.
                    unsafe { kernel.accumulate(&tile) };
                });
            }
        });
    }
}

/// Cuts strips into runs of about [`CHUNK`] steps together.
fn chunks(mut strips: &[Strip]) -> impl Iterator<Item = &[Strip]> {
    std::iter::from_fn(move || {
        let mut pixels = 0;
        let fitting = strips.iter().take_while(|strip| {
            pixels += strip.steps;
            pixels <= CHUNK
        });
        let count = fitting.count().max(1).min(strips.len());
        let (chunk, later) = strips.split_at(count);
        strips = later;
        (!chunk.is_empty()).then_some(chunk)
    })
}
