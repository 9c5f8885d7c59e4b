use rayon::prelude::*;

use crate::vector::vectorised;
use crate::window::Geometry;

/// The largest value of each window; padding never wins, NaN does.
pub fn largest(geometry: &Geometry, values: &[f32]) -> Vec<f32> {
    let mut result = vec![0.0; geometry.output.len()];
    pool(geometry, values, &mut result, &mut []);
    result
}

/// [`largest`], and for each of its values the pixel of its image that it was read
/// from, the first in reading order among equals.
pub fn largest_with_positions(geometry: &Geometry, values: &[f32]) -> (Vec<f32>, Vec<u32>) {
    let mut result = vec![0.0; geometry.output.len()];
    let mut positions = vec![0; result.len()];
    pool(geometry, values, &mut result, &mut positions);
    (result, positions)
}

/// The gradient of the values of [`largest_with_positions`], which gave
/// `positions`.
pub fn largest_gradient(geometry: &Geometry, positions: &[u32], gradient: &[f32]) -> Vec<f32> {
    let sizes = geometry.input;
    let image_length = sizes.image_len();
    let output_length = geometry.output.image_len();
    let mut result = vec![0.0; sizes.len()];
    if image_length > 0 {
        result
            .par_chunks_mut(image_length)
            .zip(gradient.par_chunks(output_length))
            .zip(positions.par_chunks(output_length))
            .for_each(|((result, gradient), positions)| {
                let cells = gradient
                    .chunks_exact(sizes.channels)
                    .zip(positions.chunks_exact(sizes.channels));
                for (gradient, positions) in cells {
                    for (channel, (gradient, position)) in
                        gradient.iter().zip(positions).enumerate()
                    {
                        result[*position as usize * sizes.channels + channel] += gradient;
                    }
                }
            });
    }
    result
}

/// The output of each row of output pixels.
fn pool(geometry: &Geometry, values: &[f32], result: &mut [f32], positions: &mut [u32]) {
    let output = geometry.output;
    let row_length = output.width * output.channels;
    let image_length = geometry.input.image_len();
    if row_length == 0 || image_length == 0 {
        return;
    }
    let pool_one = |index: usize, result: &mut [f32], positions: &mut [u32]| {
        let image = &values[index / output.height * image_length..][..image_length];
        vectorised(
            #[inline(always)]
            || pool_row(geometry, image, index % output.height, result, positions),
        );
    };
    let rows = result.par_chunks_mut(row_length).enumerate();
    if positions.is_empty() {
        rows.for_each(|(index, result)| pool_one(index, result, &mut []));
    } else {
        rows.zip(positions.par_chunks_mut(row_length))
            .for_each(|((index, result), positions)| pool_one(index, result, positions));
    }
}

/// Writes one row of output pixels, and to `positions` where each value came
/// from unless that is empty.
#[inline(always)]
fn pool_row(
    geometry: &Geometry,
    image: &[f32],
    row: usize,
    output: &mut [f32],
    positions: &mut [u32],
) {
    let (width, channels) = (geometry.input.width, geometry.input.channels);
    for (column, output) in output.chunks_exact_mut(channels).enumerate() {
        let (rows, columns) = geometry.inside(row, column);
        let first = rows.start * width + columns.start;
        output.copy_from_slice(&image[first * channels..][..channels]);
        let positions = positions
            .get_mut(column * channels..(column + 1) * channels)
            .unwrap_or_default();
        positions.fill(first as u32);
        for y in rows {
            for pixel in y * width + columns.start..y * width + columns.end {
                let values = &image[pixel * channels..][..channels];
                take_larger(values, pixel as u32, output, positions);
            }
        }
    }
}

/// Replaces each value of `best` that `values`, from `pixel`, surpass.
#[inline(always)]
fn take_larger(values: &[f32], pixel: u32, best: &mut [f32], positions: &mut [u32]) {
    let is_better = |value: f32, best: f32| value > best || value.is_nan();
    if positions.is_empty() {
        for (best, value) in best.iter_mut().zip(values) {
            *best = if is_better(*value, *best) {
                *value
            } else {
                *best
            };
        }
        return;
    }
    for ((best, value), position) in best.iter_mut().zip(values).zip(positions) {
        let better = is_better(*value, *best);
        *best = if better { *value } else { *best };
        *position = if better { pixel } else { *position };
    }
}
