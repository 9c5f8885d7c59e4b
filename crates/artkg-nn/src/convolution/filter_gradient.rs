use std::ops::Range;

use rayon::prelude::*;

use super::geometry::Geometry;
use super::window::{Reading, Window};
use crate::kernel::{OuterKernel, OuterTile, Run, Strip, for_each_tile, with_scratch};

/// Filters of at most this many values are summed in parts, each over its own
/// images and rows; of larger ones, each task sums its own part.
const SMALL: usize = 160 * 1024;
/// Parts that small filters are summed in. Fixed, as results depend on it.
const PARTS: usize = 8;
/// Pixels that tiles go through before the next tile: their readings and
/// gradients stay in the level 2 cache.
const CHUNK: usize = 512;
/// Tiles, one below the other, of a task of large filters.
const TILES: usize = 8;

/// The gradient of the filters of a convolution.
pub(super) fn filter_gradient(
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
                    with_scratch(self.window.buffer_length(here.clone()), |buffer| {
                        let reading = self.window.read(input, here.clone(), buffer);
                        let strips = self.strips(&reading, here);
                        let mut row = 0;
                        for run in self.window.runs() {
                            let output = &mut sum[row * self.columns..];
                            let panels = 0..self.columns;
                            self.add(&reading, &strips, *run, panels, output);
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
        let mut rest = result.as_mut_slice();
        let mut tasks = Vec::new();
        for run in self.window.runs() {
            let most = TILES * self.kernel.rows;
            for_each_tile(run.length, most, |start, length| {
                let piece = Run {
                    offset: run.offset + start,
                    length,
                };
                let (output, below) = std::mem::take(&mut rest).split_at_mut(length * self.columns);
                rest = below;
                tasks.push((piece, output));
            });
        }
        tasks
            .into_par_iter()
            .with_max_len(1)
            .for_each(|(run, output)| {
                let mut strips = strips.as_slice();
                while !strips.is_empty() {
                    let mut pixels = 0;
                    let count = strips
                        .iter()
                        .take_while(|strip| {
                            pixels += strip.steps;
                            pixels <= CHUNK
                        })
                        .count();
                    let (here, later) = strips.split_at(count.max(1));
                    strips = later;
                    self.add(&reading, here, run, 0..self.columns, output);
                }
            });
        result
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

    /// Adds the sum over `strips` for the filter rows of `run` to `output`.
    fn add(
        &self,
        reading: &Reading<'_, f32>,
        strips: &[Strip],
        run: Run,
        columns: Range<usize>,
        output: &mut [f32],
    ) {
        assert!(output.len() >= run.length * self.columns && columns.end <= self.columns);
        for first in columns.clone().step_by(self.kernel.columns) {
            let count = self.kernel.columns.min(columns.end - first);
            for_each_tile(run.length, self.kernel.rows, |start, rows| {
                let tile = OuterTile {
                    rows,
                    columns: count,
                    left: reading.source[run.offset + start..].as_ptr(),
                    left_stride: self.window.step(),
                    right: self.gradient[first..].as_ptr(),
                    right_stride: self.columns,
                    strips,
                    output: output[start * self.columns + first..].as_mut_ptr(),
                    output_stride: self.columns,
                };
                // SAFETY: the reading reaches no further than its source, the
                // gradient has a row for each pixel, and the output one for each
                // value of the run.
                unsafe { self.kernel.accumulate(&tile) };
            });
        }
    }
}
