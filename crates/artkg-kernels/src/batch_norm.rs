//! The loops of batch norm over rows of channels. Chunks and the order of their
//! sums are the same whatever the number of threads.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffer::written;
use crate::relu::passed;
use crate::sums::{chunk_rows, total};
use crate::vector::vectorised;

/// What each channel is normalised with.
pub struct Channels<'a> {
    /// What is subtracted.
    pub mean: &'a [f32],
    /// 1 / sqrt(variance + epsilon).
    pub inverse_deviation: &'a [f32],
    /// What the normalised value is multiplied by.
    pub weight: &'a [f32],
    /// What is added then.
    pub bias: &'a [f32],
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
pub struct GradientSums {
    /// Σ gradient · normalised input, the gradient of the weight.
    pub weight: Vec<f32>,
    /// Σ gradient, the gradient of the bias.
    pub bias: Vec<f32>,
}

/// Mean and biased variance of each of `channels` columns.
///
/// Each chunk's mean and squared deviations are taken while it is in cache and
/// then merged as Chan, Golub and LeVeque (1979) do, in `f64`: one pass over
/// memory and no cancellation.
pub fn moments(values: &[f32], channels: usize) -> (Vec<f32>, Vec<f32>) {
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

/// The normalised, shifted `input` plus `residual`, clipped below zero when `relu`
/// is set.
pub fn forward(
    channels: &Channels<'_>,
    input: &[f32],
    residual: Option<&[f32]>,
    relu: bool,
) -> Vec<f32> {
    let count = channels.mean.len();
    if count == 0 {
        return Vec::new();
    }
    assert!(input.len().is_multiple_of(count));
    let line = Line::new(channels);
    let length = chunk_rows(count) * count;
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    let fill = |output: &mut [MaybeUninit<f32>]| {
        output
            .par_chunks_mut(length)
            .zip(input.par_chunks(length))
            .enumerate()
            .for_each(|(index, (output, input))| {
                let residual = residual.map(|residual| &residual[index * length..][..input.len()]);
                vectorised(
                    #[inline(always)]
                    || {
                        for (row, output) in output.chunks_exact_mut(count).enumerate() {
                            let here = row * count..(row + 1) * count;
                            let value = line.of(&input[here.clone()]);
                            let output = &mut output[..count];
                            match residual {
                                Some(residual) => {
                                    let residual = &residual[here][..count];
                                    for (channel, output) in output.iter_mut().enumerate() {
                                        let value = value(channel) + residual[channel];
                                        output.write(if value < floor { floor } else { value });
                                    }
                                }
                                None => {
                                    for (channel, output) in output.iter_mut().enumerate() {
                                        let value = value(channel);
                                        output.write(if value < floor { floor } else { value });
                                    }
                                }
                            }
                        }
                    },
                );
            });
    };
    // SAFETY: rows are of `count` values, so the chunks cover all of them.
    unsafe { written(input.len(), fill) }
}

/// What a channel's value becomes before residual and ReLU.
struct Line<'a> {
    mean: &'a [f32],
    scale: Vec<f32>,
    bias: &'a [f32],
}

impl<'a> Line<'a> {
    fn new(channels: &Channels<'a>) -> Self {
        Self {
            mean: channels.mean,
            scale: channels.scale(),
            bias: channels.bias,
        }
    }

    /// The values of one pixel, channel by channel.
    #[inline(always)]
    fn of(&self, input: &[f32]) -> impl Fn(usize) -> f32 {
        // Equal lengths, known here, spare the loops their checks.
        let count = self.mean.len();
        let (mean, scale) = (&self.mean[..count], &self.scale[..count]);
        let (bias, input) = (&self.bias[..count], &input[..count]);
        move |channel| (input[channel] - mean[channel]) * scale[channel] + bias[channel]
    }
}

/// Which gradients a ReLU lets through.
#[derive(Clone, Copy)]
pub enum Gate<'a> {
    /// All: there is none.
    Open,
    /// Those where its output is positive.
    Output(&'a [f32]),
    /// The same where nothing was added to the norm: its sign tells, and the
    /// output need not be read.
    Sign,
}

/// The sums over pixels of the gradient behind `gate` that the gradients need,
/// and that gradient itself when the gate is the ReLU's output.
pub fn gradient_sums(
    channels: &Channels<'_>,
    gate: Gate<'_>,
    input: &[f32],
    gradient: &[f32],
) -> (GradientSums, Option<Vec<f32>>) {
    let count = channels.mean.len();
    if count == 0 {
        let sums = GradientSums {
            weight: Vec::new(),
            bias: Vec::new(),
        };
        return (sums, None);
    }
    assert!(input.len().is_multiple_of(count) && input.len() == gradient.len());
    let line = Line::new(channels);
    let length = chunk_rows(count) * count;
    let chunks = input
        .par_chunks(length)
        .zip(gradient.par_chunks(length))
        .enumerate();
    let mut behind = None;
    let (weight, bias): (Vec<_>, Vec<_>) = match gate {
        Gate::Open => chunks
            .map(|(_, (input, gradient))| {
                line.sums(input, |row| {
                    let gradient = &gradient[row..row + count];
                    move |channel, _| gradient[channel]
                })
            })
            .unzip(),
        Gate::Sign => chunks
            .map(|(_, (input, gradient))| {
                line.sums(input, |row| {
                    let gradient = &gradient[row..row + count];
                    move |channel, value| passed(value, gradient[channel])
                })
            })
            .unzip(),
        Gate::Output(output) => {
            let mut sums = (Vec::new(), Vec::new());
            let fill = |behind: &mut [MaybeUninit<f32>]| {
                sums = chunks
                    .zip(behind.par_chunks_mut(length))
                    .map(|((index, (input, gradient)), behind)| {
                        let output = &output[index * length..][..input.len()];
                        pass_through(output, gradient, behind);
                        // SAFETY: just written.
                        let behind = unsafe { behind.assume_init_ref() };
                        line.sums(input, |row| {
                            let gradient = &behind[row..row + count];
                            move |channel, _| gradient[channel]
                        })
                    })
                    .unzip();
            };
            // SAFETY: the chunks cover all values.
            behind = Some(unsafe { written(gradient.len(), fill) });
            sums
        }
    };
    let weight = total(&weight, count)
        .iter()
        .zip(channels.inverse_deviation)
        .map(|(total, inverse)| total * inverse)
        .collect();
    let sums = GradientSums {
        weight,
        bias: total(&bias, count),
    };
    (sums, behind)
}

impl Line<'_> {
    /// The sums of gradient · (input − mean) and of the gradient of a chunk;
    /// `gradient` gives, for the pixel that starts at a value, the gradient of a
    /// channel from its number and its value before the ReLU.
    #[inline(always)]
    fn sums<G: Fn(usize, f32) -> f32>(
        &self,
        input: &[f32],
        gradient: impl Fn(usize) -> G,
    ) -> (Vec<f32>, Vec<f32>) {
        let count = self.mean.len();
        let mut products = vec![0.0; count];
        let mut sums = vec![0.0; count];
        vectorised(
            #[inline(always)]
            || {
                let (products, sums) = (&mut products[..count], &mut sums[..count]);
                let mean = &self.mean[..count];
                for start in (0..input.len()).step_by(count) {
                    let input = &input[start..start + count];
                    let (value, gradient) = (self.of(input), gradient(start));
                    for channel in 0..count {
                        let gradient = gradient(channel, value(channel));
                        products[channel] += gradient * (input[channel] - mean[channel]);
                        sums[channel] += gradient;
                    }
                }
            },
        );
        (products, sums)
    }
}

/// Writes the gradients before a ReLU that gave `output`.
fn pass_through(output: &[f32], gradient: &[f32], result: &mut [MaybeUninit<f32>]) {
    vectorised(
        #[inline(always)]
        || {
            for ((result, output), gradient) in result.iter_mut().zip(output).zip(gradient) {
                result.write(passed(*output, *gradient));
            }
        },
    );
}

/// The gradient of the input; `sums` are there when mean and deviation come from
/// the input itself. The gate is never a ReLU's output: `gradient` is what
/// [`gradient_sums`] gave for that.
pub fn input_gradient(
    channels: &Channels<'_>,
    sums: Option<&GradientSums>,
    gate: Gate<'_>,
    input: &[f32],
    gradient: &[f32],
) -> Vec<f32> {
    let count = channels.mean.len();
    if count == 0 || input.is_empty() {
        return Vec::new();
    }
    assert!(input.len().is_multiple_of(count) && input.len() == gradient.len());
    let values = Line::new(channels);
    let line = GradientLine::new(channels, sums, (input.len() / count) as f32);
    let length = chunk_rows(count) * count;
    let by_sign = matches!(gate, Gate::Sign);
    let fill = |result: &mut [MaybeUninit<f32>]| {
        result
            .par_chunks_mut(length)
            .zip(input.par_chunks(length))
            .zip(gradient.par_chunks(length))
            .for_each(|((result, input), gradient)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for (row, result) in result.chunks_exact_mut(count).enumerate() {
                            let here = row * count..(row + 1) * count;
                            let input = &input[here.clone()];
                            let gradient = &gradient[here][..count];
                            if by_sign {
                                let value = values.of(input);
                                line.write(input, result, |channel| {
                                    passed(value(channel), gradient[channel])
                                });
                            } else {
                                line.write(input, result, |channel| gradient[channel]);
                            }
                        }
                    },
                );
            });
    };
    // SAFETY: rows are of `count` values, so the chunks cover all of them.
    unsafe { written(input.len(), fill) }
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
    fn write(
        &self,
        input: &[f32],
        result: &mut [MaybeUninit<f32>],
        gradient: impl Fn(usize) -> f32,
    ) {
        let count = result.len();
        let (scale, slope) = (&self.scale[..count], &self.slope[..count]);
        let (offset, mean) = (&self.offset[..count], &self.mean[..count]);
        let input = &input[..count];
        for channel in 0..count {
            let value = scale[channel] * gradient(channel)
                + slope[channel] * (input[channel] - mean[channel])
                + offset[channel];
            result[channel].write(value);
        }
    }
}
