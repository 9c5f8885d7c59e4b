//! The loops of batch norm over rows of channels. Chunks and the order of their
//! sums are the same whatever the number of threads.

use rayon::prelude::*;

use crate::sums::{chunk_rows, total};
use crate::vector::vectorised;

/// What each channel is normalised with.
pub(super) struct Channels<'a> {
    pub(super) mean: &'a [f32],
    pub(super) inverse_deviation: &'a [f32],
    pub(super) weight: &'a [f32],
}

impl Channels<'_> {
    /// What the input's distance from the mean is multiplied by.
    fn scale(&self) -> Vec<f32> {
        self.weight
            .iter()
            .zip(self.inverse_deviation)
            .map(|(weight, inverse)| weight * inverse)
            .collect()
    }
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
    let scale = channels.scale();
    let length = chunk_rows(count) * count;
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    output
        .par_chunks_mut(length)
        .zip(input.par_chunks(length))
        .enumerate()
        .for_each(|(index, (output, input))| {
            let residual = residual.map(|residual| &residual[index * length..][..input.len()]);
            vectorised(
                #[inline(always)]
                || {
                    // Equal lengths, known here, spare the loop its checks.
                    let (mean, scale, bias) =
                        (&channels.mean[..count], &scale[..count], &bias[..count]);
                    let normalised = |input: &[f32], channel: usize| {
                        (input[channel] - mean[channel]) * scale[channel] + bias[channel]
                    };
                    for (row, output) in output.chunks_exact_mut(count).enumerate() {
                        let here = row * count..(row + 1) * count;
                        let input = &input[here.clone()][..count];
                        let output = &mut output[..count];
                        match residual {
                            Some(residual) => {
                                let residual = &residual[here][..count];
                                for (channel, output) in output.iter_mut().enumerate() {
                                    let value = normalised(input, channel) + residual[channel];
                                    *output = if value < floor { floor } else { value };
                                }
                            }
                            None => {
                                for (channel, output) in output.iter_mut().enumerate() {
                                    let value = normalised(input, channel);
                                    *output = if value < floor { floor } else { value };
                                }
                            }
                        }
                    }
                },
            );
        });
}

/// The sums over pixels of `gradient`, set to zero where `output` is not
/// positive if there is one, that the gradients need.
pub(super) fn gradient_sums(
    channels: &Channels<'_>,
    input: &[f32],
    output: Option<&[f32]>,
    gradient: &[f32],
) -> GradientSums {
    let count = channels.mean.len();
    if count == 0 {
        return GradientSums {
            weight: Vec::new(),
            bias: Vec::new(),
        };
    }
    let length = chunk_rows(count) * count;
    let (weight, bias): (Vec<_>, Vec<_>) = input
        .par_chunks(length)
        .zip(gradient.par_chunks(length))
        .enumerate()
        .map(|(index, (input, gradient))| {
            let output = output.map(|output| &output[index * length..][..input.len()]);
            chunk_gradient_sums(channels.mean, input, output, gradient)
        })
        .unzip();
    let weight = total(&weight, count)
        .iter()
        .zip(channels.inverse_deviation)
        .map(|(total, inverse)| total * inverse)
        .collect();
    GradientSums {
        weight,
        bias: total(&bias, count),
    }
}

/// The sums of gradient · (input − mean) and of the gradient of a chunk.
fn chunk_gradient_sums(
    mean: &[f32],
    input: &[f32],
    output: Option<&[f32]>,
    gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let count = mean.len();
    let mut products = vec![0.0; count];
    let mut sums = vec![0.0; count];
    vectorised(
        #[inline(always)]
        || {
            // Equal lengths, known here, spare the loop its checks.
            let (products, sums) = (&mut products[..count], &mut sums[..count]);
            let mean = &mean[..count];
            for (row, input) in input.chunks_exact(count).enumerate() {
                let here = row * count..(row + 1) * count;
                let (input, gradient) = (&input[..count], &gradient[here.clone()][..count]);
                match output {
                    Some(output) => {
                        let output = &output[here][..count];
                        for channel in 0..count {
                            let gradient = masked(output[channel], gradient[channel]);
                            products[channel] += gradient * (input[channel] - mean[channel]);
                            sums[channel] += gradient;
                        }
                    }
                    None => {
                        for channel in 0..count {
                            let gradient = gradient[channel];
                            products[channel] += gradient * (input[channel] - mean[channel]);
                            sums[channel] += gradient;
                        }
                    }
                }
            }
        },
    );
    (products, sums)
}

/// The gradient before a ReLU that gave `output`.
#[inline(always)]
fn masked(output: f32, gradient: f32) -> f32 {
    if output > 0.0 { gradient } else { 0.0 }
}

/// Writes the gradient of the input to `result`; `sums` are there when mean and
/// deviation come from the input itself, `output` when a ReLU gave it.
pub(super) fn input_gradient(
    channels: &Channels<'_>,
    sums: Option<&GradientSums>,
    input: &[f32],
    output: Option<&[f32]>,
    gradient: &[f32],
    result: &mut [f32],
) {
    let count = channels.mean.len();
    if count == 0 || input.is_empty() {
        return;
    }
    let line = GradientLine::new(channels, sums, (input.len() / count) as f32);
    let length = chunk_rows(count) * count;
    result
        .par_chunks_mut(length)
        .zip(input.par_chunks(length))
        .zip(gradient.par_chunks(length))
        .enumerate()
        .for_each(|(index, ((result, input), gradient))| {
            let output = output.map(|output| &output[index * length..][..input.len()]);
            vectorised(
                #[inline(always)]
                || {
                    for (row, result) in result.chunks_exact_mut(count).enumerate() {
                        let here = row * count..(row + 1) * count;
                        let (input, gradient) =
                            (&input[here.clone()], &gradient[here.clone()][..count]);
                        match output {
                            Some(output) => {
                                let output = &output[here][..count];
                                line.write(input, result, |channel| {
                                    masked(output[channel], gradient[channel])
                                });
                            }
                            None => line.write(input, result, |channel| gradient[channel]),
                        }
                    }
                },
            );
        });
}

/// The gradient of the input as a linear function of gradient and input.
///
/// With x̂ the normalised input and n pixels it is
/// scale · (gradient − Σ gradient / n − x̂ · Σ (gradient · x̂) / n), which is
/// scale · gradient + slope · (input − mean) + offset.
struct GradientLine<'a> {
    mean: &'a [f32],
    scale: Vec<f32>,
    slope: Vec<f32>,
    offset: Vec<f32>,
}

impl<'a> GradientLine<'a> {
    fn new(channels: &Channels<'a>, sums: Option<&GradientSums>, pixels: f32) -> Self {
        let count = channels.mean.len();
        let scale = channels.scale();
        let (slope, offset) = match sums {
            Some(sums) => (0..count)
                .map(|channel| {
                    let inverse = channels.inverse_deviation[channel];
                    let slope = -scale[channel] * sums.weight[channel] * inverse / pixels;
                    (slope, -scale[channel] * sums.bias[channel] / pixels)
                })
                .unzip(),
            None => (vec![0.0; count], vec![0.0; count]),
        };
        Self {
            mean: channels.mean,
            scale,
            slope,
            offset,
        }
    }

    #[inline(always)]
    fn write(&self, input: &[f32], result: &mut [f32], gradient: impl Fn(usize) -> f32) {
        let count = result.len();
        let (scale, slope) = (&self.scale[..count], &self.slope[..count]);
        let (offset, mean) = (&self.offset[..count], &self.mean[..count]);
        let input = &input[..count];
        for channel in 0..count {
            result[channel] = scale[channel] * gradient(channel)
                + slope[channel] * (input[channel] - mean[channel])
                + offset[channel];
        }
    }
}
