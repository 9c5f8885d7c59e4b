//! The loops of batch norm over rows of channels. Chunks and the order of their
//! sums are the same whatever the number of threads.

use rayon::prelude::*;

use crate::sums::{chunk_rows, column_sums};
use crate::vector::vectorised;

/// What each channel is normalised with.
pub(super) struct Channels<'a> {
    pub(super) mean: &'a [f32],
    pub(super) inverse_deviation: &'a [f32],
    pub(super) weight: &'a [f32],
}

/// Sums over pixels that the gradients need.
pub(super) struct GradientSums {
    /// Σ gradient · normalised input, the gradient of the weight.
    pub(super) weight: Vec<f32>,
    /// Σ gradient, the gradient of the bias.
    pub(super) bias: Vec<f32>,
}

/// Mean and biased variance of each of `channels` columns.
///
/// Each chunk's mean and squared deviations are taken while it is in cache and
/// then merged as Chan, Golub and LeVeque (1979) do, in `f64`: one pass over
/// memory and no cancellation.
pub(super) fn moments(values: &[f32], channels: usize) -> (Vec<f32>, Vec<f32>) {
    if channels == 0 {
        return (Vec::new(), Vec::new());
    }
    let parts: Vec<(usize, Vec<f32>, Vec<f32>)> = values
        .par_chunks(chunk_rows(channels) * channels)
        .map(|chunk| {
            let (mean, squares) = chunk_moments(chunk, channels);
            (chunk.len() / channels, mean, squares)
        })
        .collect();
    let mut count = 0.0_f64;
    let mut mean = vec![0.0_f64; channels];
    let mut squares = vec![0.0_f64; channels];
    for (rows, part_mean, part_squares) in parts {
        let rows = rows as f64;
        let total = count + rows;
        for channel in 0..channels {
            let distance = f64::from(part_mean[channel]) - mean[channel];
            mean[channel] += distance * rows / total;
            squares[channel] +=
                f64::from(part_squares[channel]) + distance * distance * count * rows / total;
        }
        count = total;
    }
    let variance = squares.iter().map(|sum| (sum / count) as f32).collect();
    (mean.iter().map(|mean| *mean as f32).collect(), variance)
}

/// Mean and summed squared deviations of each column of a chunk.
fn chunk_moments(chunk: &[f32], channels: usize) -> (Vec<f32>, Vec<f32>) {
    let mut mean = vec![0.0; channels];
    let mut squares = vec![0.0; channels];
    vectorised(
        #[inline(always)]
        || {
            for row in chunk.chunks_exact(channels) {
                for (sum, value) in mean.iter_mut().zip(row) {
                    *sum += value;
                }
            }
            let share = 1.0 / (chunk.len() / channels) as f32;
            for sum in &mut mean {
                *sum *= share;
            }
            for row in chunk.chunks_exact(channels) {
                for ((sum, mean), value) in squares.iter_mut().zip(&mean).zip(row) {
                    let distance = value - mean;
                    *sum += distance * distance;
                }
            }
        },
    );
    (mean, squares)
}

/// Writes the normalised, shifted `input` plus `residual` to `output`, clipped
/// below zero when `relu` is set.
pub(super) fn forward(
    channels: &Channels<'_>,
    bias: &[f32],
    input: &[f32],
    residual: Option<&[f32]>,
    relu: bool,
    output: &mut [f32],
) {
    let count = channels.mean.len();
    if count == 0 {
        return;
    }
    let scale: Vec<f32> = channels
        .weight
        .iter()
        .zip(channels.inverse_deviation)
        .map(|(weight, inverse)| weight * inverse)
        .collect();
    let length = chunk_rows(count) * count;
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    let mean = channels.mean;
    output
        .par_chunks_mut(length)
        .zip(input.par_chunks(length))
        .enumerate()
        .for_each(|(index, (output, input))| {
            let residual = residual.map(|residual| &residual[index * length..][..input.len()]);
            vectorised(
                #[inline(always)]
                || match residual {
                    Some(residual) => {
                        for ((output, input), residual) in output
                            .chunks_exact_mut(count)
                            .zip(input.chunks_exact(count))
                            .zip(residual.chunks_exact(count))
                        {
                            for channel in 0..count {
                                let value = (input[channel] - mean[channel]) * scale[channel]
                                    + bias[channel]
                                    + residual[channel];
                                output[channel] = if value < floor { floor } else { value };
                            }
                        }
                    }
                    None => {
                        for (output, input) in output
                            .chunks_exact_mut(count)
                            .zip(input.chunks_exact(count))
                        {
                            for channel in 0..count {
                                let value = (input[channel] - mean[channel]) * scale[channel]
                                    + bias[channel];
                                output[channel] = if value < floor { floor } else { value };
                            }
                        }
                    }
                },
            );
        });
}

/// The sums over pixels of `gradient` that the gradients need.
pub(super) fn gradient_sums(
    channels: &Channels<'_>,
    input: &[f32],
    gradient: &[f32],
) -> GradientSums {
    let count = channels.mean.len();
    let bias = column_sums(gradient, count);
    if count == 0 {
        return GradientSums {
            weight: Vec::new(),
            bias,
        };
    }
    let length = chunk_rows(count) * count;
    let mean = channels.mean;
    let parts: Vec<Vec<f32>> = input
        .par_chunks(length)
        .zip(gradient.par_chunks(length))
        .map(|(input, gradient)| {
            let mut sums = vec![0.0; count];
            vectorised(
                #[inline(always)]
                || {
                    for (input, gradient) in
                        input.chunks_exact(count).zip(gradient.chunks_exact(count))
                    {
                        for channel in 0..count {
                            sums[channel] += gradient[channel] * (input[channel] - mean[channel]);
                        }
                    }
                },
            );
            sums
        })
        .collect();
    let mut totals = vec![0.0_f64; count];
    for part in parts {
        for (total, value) in totals.iter_mut().zip(part) {
            *total += f64::from(value);
        }
    }
    let weight = totals
        .iter()
        .zip(channels.inverse_deviation)
        .map(|(total, inverse)| (total * f64::from(*inverse)) as f32)
        .collect();
    GradientSums { weight, bias }
}

/// Writes the gradient of the input to `result`; `sums` are there when mean and
/// deviation come from the input itself.
pub(super) fn input_gradient(
    channels: &Channels<'_>,
    sums: Option<&GradientSums>,
    input: &[f32],
    gradient: &[f32],
    result: &mut [f32],
) {
    let count = channels.mean.len();
    if count == 0 || input.is_empty() {
        return;
    }
    // With x̂ the normalised input and n pixels:
    //   scale · (gradient − Σ gradient / n − x̂ · Σ (gradient · x̂) / n)
    // which is scale · gradient + slope · (input − mean) + offset.
    let pixels = (input.len() / count) as f32;
    let scale: Vec<f32> = (0..count)
        .map(|channel| channels.weight[channel] * channels.inverse_deviation[channel])
        .collect();
    let (slope, offset): (Vec<f32>, Vec<f32>) = match sums {
        Some(sums) => (0..count)
            .map(|channel| {
                let inverse = channels.inverse_deviation[channel];
                (
                    -scale[channel] * sums.weight[channel] * inverse / pixels,
                    -scale[channel] * sums.bias[channel] / pixels,
                )
            })
            .unzip(),
        None => (vec![0.0; count], vec![0.0; count]),
    };
    let mean = channels.mean;
    let length = chunk_rows(count) * count;
    result
        .par_chunks_mut(length)
        .zip(input.par_chunks(length))
        .zip(gradient.par_chunks(length))
        .for_each(|((result, input), gradient)| {
            vectorised(
                #[inline(always)]
                || {
                    for ((result, input), gradient) in result
                        .chunks_exact_mut(count)
                        .zip(input.chunks_exact(count))
                        .zip(gradient.chunks_exact(count))
                    {
                        for channel in 0..count {
                            result[channel] = scale[channel] * gradient[channel]
                                + slope[channel] * (input[channel] - mean[channel])
                                + offset[channel];
                        }
                    }
                },
            );
        });
}
