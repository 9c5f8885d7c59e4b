use rayon::prelude::*;

use super::tiles::{Tiles, input_pixels, is_possible};
use crate::kernel::{
    GradientTile, InputTile, OUTPUT_SIDE, OuterKernel, OuterTile, POSITIONS, Strip, WinogradKernel,
    for_each_tile, transform_filter_gradient,
};
use crate::shared::Shared;
use crate::vector::vectorised;
use crate::window::Geometry;

/// Transformed values that are in memory at a time: a part of the level 3 cache.
/// Fixed, as the order of sums depends on it.
const CHUNK_VALUES: usize = 3 * 1024 * 1024;
/// Tiles that a task transforms.
const TILES: usize = 16;

/// Whether transforming tiles costs less than it saves; see the same of the other passes.
pub(in crate::convolution) fn pays(geometry: &Geometry) -> bool {
    /// Multiplications in the time of clearing, reading and writing the sum of
    /// a transformed filter value.
    const SUMMING: f64 = 120.0;
    /// Multiplications in the time of transforming a value.
    const TRANSFORMING: f64 = 24.0;

    let (inputs, outputs) = (
        geometry.input.channels as f64,
        geometry.output.channels as f64,
    );
    let tiles = Tiles::of(geometry).count() as f64;
    let transforms = tiles * TRANSFORMING * (1.0 / inputs + 1.0 / outputs);
    let by_tiles = POSITIONS as f64 * (tiles + SUMMING + transforms);
    is_possible(geometry) && by_tiles < 0.85 * 9.0 * geometry.output.pixels() as f64
}

/// The gradient of the filters of a convolution.
pub(in crate::convolution) fn filter_gradient(
    (kernel, transforms): (&OuterKernel, &WinogradKernel),
    geometry: &Geometry,
    input: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    assert!(is_possible(geometry));
    assert_eq!(input.len(), geometry.input.len());
    assert_eq!(gradient.len(), geometry.output.len());
    let (inputs, outputs) = (geometry.input.channels, geometry.output.channels);
    let tiles = Tiles::of(geometry);
    let chunk = (CHUNK_VALUES / (POSITIONS * (inputs + outputs))).max(TILES);
    let chunk = chunk.min(tiles.count().max(1));
    let zeros = vec![0.0; inputs.max(outputs)];
    let mut left = vec![0.0; POSITIONS * chunk * inputs];
    let mut right = vec![0.0; POSITIONS * chunk * outputs];
    let mut sums = vec![0.0; POSITIONS * inputs * outputs];
    for first in (0..tiles.count()).step_by(chunk) {
        let count = chunk.min(tiles.count() - first);
        let (left_shared, right_shared) = (Shared(left.as_mut_ptr()), Shared(right.as_mut_ptr()));
        (0..count.div_ceil(TILES)).into_par_iter().for_each(|task| {
            for tile in task * TILES..((task + 1) * TILES).min(count) {
                let place = tiles.place(first + tile);
                let input_tile = InputTile {
                    pixels: input_pixels(geometry, input, &zeros, place),
                    output: left_shared.pointer().wrapping_add(tile * inputs),
                    position_stride: count * inputs,
                    channels: inputs,
                };
                let gradient_tile = GradientTile {
                    pixels: gradient_pixels(geometry, gradient, &zeros, place),
                    output: right_shared.pointer().wrapping_add(tile * outputs),
                    position_stride: count * outputs,
                    channels: outputs,
                };
                // SAFETY: pixels hold all channels, and both buffers have room for
                // all positions of `count` tiles, each written by one task.
                unsafe {
                    transforms.transform_input(&input_tile);
                    transforms.transform_gradient(&gradient_tile);
                }
            }
        });
        sums.par_chunks_exact_mut(inputs * outputs)
            .with_max_len(1)
            .enumerate()
            .for_each(|(position, sums)| {
                let left = &left[position * count * inputs..][..count * inputs];
                let right = &right[position * count * outputs..][..count * outputs];
                add_products(kernel, (left, right), (inputs, outputs), sums);
            });
    }
    transform_back(&sums, (inputs, outputs))
}

/// The pixels of a tile of the output's gradient; `zeros` outside of the image.
fn gradient_pixels(
    geometry: &Geometry,
    gradient: &[f32],
    zeros: &[f32],
    (image, row, column): (usize, usize, usize),
) -> [*const f32; OUTPUT_SIDE * OUTPUT_SIDE] {
    let output = geometry.output;
    std::array::from_fn(|position| {
        let (y, x) = (
            row + position / OUTPUT_SIDE,
            column + position % OUTPUT_SIDE,
        );
        if y >= output.height || x >= output.width {
            return zeros.as_ptr();
        }
        let pixel = (image * output.height + y) * output.width + x;
        gradient[pixel * output.channels..][..output.channels].as_ptr()
    })
}

/// `sums += leftᵀ · right`, a row of both for each tile.
fn add_products(
    kernel: &OuterKernel,
    (left, right): (&[f32], &[f32]),
    (inputs, outputs): (usize, usize),
    sums: &mut [f32],
) {
    let steps = left.len() / inputs;
    assert!(right.len() == steps * outputs && sums.len() == inputs * outputs);
    let strips = [Strip {
        left: 0,
        right: 0,
        steps,
    }];
    for first in (0..outputs).step_by(kernel.columns) {
        let columns = kernel.columns.min(outputs - first);
        for_each_tile(inputs, kernel.rows, |start, rows| {
            let tile = OuterTile {
                rows,
                columns,
                left: left[start..].as_ptr(),
                left_stride: inputs,
                right: right[first..].as_ptr(),
                right_stride: outputs,
                strips: &strips,
                output: sums[start * outputs + first..].as_mut_ptr(),
                output_stride: outputs,
            };
            // SAFETY: both operands have a row for each step, and the sums one for
            // each input channel.
            unsafe { kernel.accumulate(&tile) };
        });
    }
}

/// The gradient of the filters from that of their transforms.
fn transform_back(sums: &[f32], (inputs, outputs): (usize, usize)) -> Vec<f32> {
    let mut result = vec![0.0; 9 * inputs * outputs];
    // All taps of an input channel together.
    let mut channels: Vec<Vec<&mut [f32]>> = (0..inputs).map(|_| Vec::with_capacity(9)).collect();
    for (index, row) in result.chunks_exact_mut(outputs).enumerate() {
        channels[index % inputs].push(row);
    }
    channels
        .into_par_iter()
        .with_min_len(8)
        .enumerate()
        .for_each_init(
            || (vec![0.0; POSITIONS / 2 * outputs], vec![0.0; 9 * outputs]),
            |(rows, taps), (channel, targets)| {
                let positions = std::array::from_fn(|position| {
                    &sums[(position * inputs + channel) * outputs..][..outputs]
                });
                vectorised(
                    #[inline(always)]
                    || transform_filter_gradient(positions, rows, taps),
                );
                for (target, tap) in targets.into_iter().zip(taps.chunks_exact(outputs)) {
                    target.copy_from_slice(tap);
                }
            },
        );
    result
}
