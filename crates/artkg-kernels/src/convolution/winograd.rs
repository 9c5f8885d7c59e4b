//! 3×3 convolutions with stride 1 by way of products at 36 positions of 6×6
//! tiles: up to four times fewer multiplications than the definition takes.

mod filter_gradient;
pub(super) mod tiles;

pub(super) use filter_gradient::{filter_gradient, pays as pays_for_filters};

use rayon::prelude::*;

use self::tiles::{Tiles, input_pixels, is_possible};
use super::product::Finish;
use crate::kernel::{
    Epilogue, INPUT_SIDE, InputTile, Kernel, OUTPUT_SIDE, OutputTile, POSITIONS, Panels, Run, Tile,
    WinogradKernel, for_each_tile, transform_filters, with_scratch,
};
use crate::shared::Shared;
use crate::vector::vectorised;
use crate::window::Geometry;

/// Values of transformed input tiles that stay in the level 2 cache.
const STRIP_VALUES: usize = 128 * 1024;
/// Panels whose sums are transformed back together.
const GROUP: usize = 2;
/// How often filters are used before they change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterUse {
    /// In training: transforming them counts.
    Once,
    /// In inference.
    Many,
}

/// Whether transforming tiles costs less than it saves: for each pair of
/// channels, multiplications and what reading the filters takes as many of.
pub(super) fn pays(geometry: &Geometry, use_of: FilterUse) -> bool {
    /// Multiplications in the time of reading a filter value from memory.
    const READING: f64 = 60.0;
    /// Multiplications in the time of transforming a value.
    const TRANSFORMING: f64 = 12.0;

    let (inputs, outputs) = (
        geometry.input.channels as f64,
        geometry.output.channels as f64,
    );
    let tiles = Tiles::of(geometry).count() as f64;
    let positions = POSITIONS as f64;
    let filters = match use_of {
        FilterUse::Many => READING,
        FilterUse::Once => 2.0 * READING,
    };
    let transforms = tiles * positions * TRANSFORMING * (1.0 / inputs + 1.0 / outputs);
    let by_tiles = positions * (tiles + filters) + transforms;
    let directly = 9.0 * (geometry.output.pixels() as f64 + READING);
    is_possible(geometry) && by_tiles < 0.85 * directly
}

/// Transformed filters, and how many channels they go from and to.
#[derive(Clone, Debug)]
pub(super) struct TransformedFilters {
    panels: Panels<f32>,
    inputs: usize,
}

impl TransformedFilters {
    /// Transforms the packed filters `[9 * inputs, outputs]`.
    pub(super) fn new(filters: &Panels<f32>, inputs: usize) -> Self {
        let panels = filters.map(POSITIONS * inputs, |filters, width, transformed| {
            let mut rows = vec![0.0; 3 * INPUT_SIDE * width];
            let mut positions = vec![0.0; POSITIONS * width];
            for channel in 0..inputs {
                let step = |index: usize| (index * inputs + channel) * width;
                let taps = std::array::from_fn(|tap| &filters[step(tap)..][..width]);
                vectorised(
                    #[inline(always)]
                    || transform_filters(taps, &mut rows, &mut positions),
                );
                for (position, values) in positions.chunks_exact(width).enumerate() {
                    transformed[step(position)..][..width].copy_from_slice(values);
                }
            }
        });
        Self { panels, inputs }
    }
}

/// The convolution of `input` with transformed filters.
pub(super) fn forward(
    kernels: (&Kernel<f32>, &WinogradKernel),
    geometry: &Geometry,
    input: &[f32],
    filters: &TransformedFilters,
    bias: Option<&[f32]>,
    finish: Finish<'_, f32>,
) -> Vec<f32> {
    let output = geometry.output;
    assert_eq!(input.len(), geometry.input.len());
    assert!(is_possible(geometry) && filters.inputs == geometry.input.channels);
    if let Some(residual) = finish.residual {
        assert_eq!(residual.len(), output.len());
    }
    if let Some(bias) = bias {
        assert!(bias.len() >= filters.panels.count() * kernels.0.columns);
    }
    let tiles = Tiles::of(geometry);
    let strip = strip_length(&tiles, filters.inputs, kernels.0.rows);
    let mut values: Vec<f32> = Vec::with_capacity(output.len());
    let pass = Pass {
        kernel: kernels.0,
        transforms: kernels.1,
        geometry,
        input,
        filters,
        bias,
        finish,
        zeros: vec![0.0; filters.inputs],
        output: Shared(values.as_mut_ptr()),
    };
    (0..tiles.count().div_ceil(strip))
        .into_par_iter()
        .with_max_len(1)
        .for_each(|index| {
            let first = index * strip;
            pass.strip(&tiles, first, strip.min(tiles.count() - first));
        });
    // SAFETY: the tiles cover the output, so every value was written.
    unsafe { values.set_len(output.len()) };
    values
}

/// Tiles of a task.
fn strip_length(tiles: &Tiles, inputs: usize, rows: usize) -> usize {
    let fits = (STRIP_VALUES / (POSITIONS * inputs)).max(rows);
    let strips = tiles.count().div_ceil(fits);
    let strips = strips.next_multiple_of(rayon::current_num_threads());
    tiles.count().div_ceil(strips).max(1)
}

/// What all strips of a convolution share.
struct Pass<'a> {
    kernel: &'a Kernel<f32>,
    transforms: &'a WinogradKernel,
    geometry: &'a Geometry,
    input: &'a [f32],
    filters: &'a TransformedFilters,
    bias: Option<&'a [f32]>,
    finish: Finish<'a, f32>,
    /// The channels of a pixel outside of the image.
    zeros: Vec<f32>,
    output: Shared<f32>,
}

impl Pass<'_> {
    /// Computes the output pixels of `count` tiles.
    fn strip(&self, tiles: &Tiles, first: usize, count: usize) {
        let inputs = self.filters.inputs;
        let width = GROUP * self.kernel.columns;
        let (input_length, sum_length) = (POSITIONS * count * inputs, POSITIONS * count * width);
        with_scratch::<f32, _>(input_length + sum_length, |buffer| {
            let (transformed, sums) = buffer.split_at_mut(input_length);
            for tile in 0..count {
                self.transform_input(
                    tiles.place(first + tile),
                    &mut transformed[tile * inputs..],
                    count,
                );
            }
            let panels = self.filters.panels.count();
            for group in (0..panels).step_by(GROUP) {
                let group = group..(group + GROUP).min(panels);
                self.multiply(transformed, group.clone(), sums, count);
                let (channel, _) = self.filters.panels.columns(group.start);
                for tile in 0..count {
                    let place = tiles.place(first + tile);
                    self.transform_output(place, &sums[tile * width..], count, channel);
                }
            }
        });
    }

    /// Transforms the input of a tile, positions `count` tiles apart.
    fn transform_input(&self, place: (usize, usize, usize), output: &mut [f32], count: usize) {
        let inputs = self.filters.inputs;
        assert!(output.len() >= (POSITIONS - 1) * count * inputs + inputs);
        let tile = InputTile {
            pixels: input_pixels(self.geometry, self.input, &self.zeros, place),
            output: output.as_mut_ptr(),
            position_stride: count * inputs,
            channels: inputs,
        };
        // SAFETY: pixels hold all channels, and the output was measured above.
        unsafe { self.transforms.transform_input(&tile) };
    }

    /// The products of all positions with a group of panels.
    fn multiply(
        &self,
        transformed: &[f32],
        group: std::ops::Range<usize>,
        sums: &mut [f32],
        count: usize,
    ) {
        let inputs = self.filters.inputs;
        let width = GROUP * self.kernel.columns;
        assert!(transformed.len() >= POSITIONS * count * inputs);
        assert!(sums.len() >= POSITIONS * count * width);
        let starts: Vec<usize> = (0..count).map(|tile| tile * inputs).collect();
        let targets: Vec<usize> = (0..count).map(|tile| tile * width).collect();
        let runs = [Run {
            offset: 0,
            length: inputs,
        }];
        for position in 0..POSITIONS {
            for (place, panel) in group.clone().enumerate() {
                let (_, columns) = self.filters.panels.columns(panel);
                let steps = position * inputs * self.kernel.columns;
                let panel = self.filters.panels.panel(panel)[steps..].as_ptr();
                let output =
                    sums[position * count * width + place * self.kernel.columns..].as_mut_ptr();
                for_each_tile(count, self.kernel.rows, |start, rows| {
                    let tile = Tile {
                        source: transformed[position * count * inputs..].as_ptr(),
                        starts: &starts[start..start + rows],
                        runs: &runs,
                        panel,
                        columns,
                        output,
                        targets: &targets[start..start + rows],
                        epilogue: Epilogue {
                            bias: std::ptr::null(),
                            residual: std::ptr::null(),
                            floor: f32::NEG_INFINITY,
                        },
                    };
                    // SAFETY: both buffers were measured above, and a panel has
                    // the steps of all positions.
                    unsafe { self.kernel.compute(&tile) };
                });
            }
        }
    }

    /// Transforms the sums of a tile, from channel `first` on, to output pixels.
    fn transform_output(
        &self,
        (image, row, column): (usize, usize, usize),
        sums: &[f32],
        count: usize,
        first: usize,
    ) {
        let output = self.geometry.output;
        let width = GROUP * self.kernel.columns;
        let channels = width.min(output.channels - first);
        let targets = std::array::from_fn(|position| {
            let (y, x) = (
                row + position / OUTPUT_SIDE,
                column + position % OUTPUT_SIDE,
            );
            let inside = y < output.height && x < output.width;
            let pixel = (image * output.height + y) * output.width + x;
            inside.then_some(pixel * output.channels + first)
        });
        assert!(sums.len() >= (POSITIONS - 1) * count * width + channels);
        let bias = self.bias.map(|bias| bias[first..].as_ptr());
        let residual = self.finish.residual.map(<[f32]>::as_ptr);
        let tile = OutputTile {
            sums: sums.as_ptr(),
            position_stride: count * width,
            targets,
            output: self.output.pointer(),
            channels,
            epilogue: Epilogue {
                bias: bias.unwrap_or(std::ptr::null()),
                residual: residual.unwrap_or(std::ptr::null()),
                floor: self.finish.floor(),
            },
        };
        // SAFETY: the sums were measured above; the pixels lie in the output and
        // the residual, which is as long, and belong to this tile alone; the bias
        // is padded to whole panels.
        unsafe { self.transforms.transform_output(&tile) };
    }
}
