//! Layer normalisation of rows.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffer::written;
use crate::sums::{chunk_rows, total};
use crate::vector::{sum_of, vectorised};

/// Values that are added up side by side.
const LANES: usize = 16;

/// Rows with mean 0 and variance 1, times `weight` plus `bias`.
pub fn forward(input: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let features = weight.len();
    assert!(features > 0 && bias.len() == features && input.len().is_multiple_of(features));
    let chunk = chunk_rows(features) * features;
    let fill = |output: &mut [MaybeUninit<f32>]| {
        output
            .par_chunks_mut(chunk)
            .zip(input.par_chunks(chunk))
            .for_each(|(output, input)| {
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = input.chunks_exact(features);
                        for (output, input) in output.chunks_exact_mut(features).zip(rows) {
                            let (mean, scale) = statistics(input, epsilon);
                            let parameters = weight.iter().zip(bias);
                            for ((output, input), (weight, bias)) in
                                output.iter_mut().zip(input).zip(parameters)
                            {
                                output.write((input - mean) * scale * weight + bias);
                            }
                        }
                    },
                );
            });
    };
    // SAFETY: rows are whole, so the chunks cover all values.
    unsafe { written(input.len(), fill) }
}

/// What follows from the gradient of the results.
pub struct Gradients {
    /// Laid out like the input.
    pub input: Vec<f32>,
    /// A value for each feature.
    pub weight: Vec<f32>,
    /// A value for each feature.
    pub bias: Vec<f32>,
}

/// The gradients of input, weight and bias from that of the results.
///
/// Sums over rows are taken over chunks in `f32`, and over these in order in `f64`.
pub fn gradients(input: &[f32], weight: &[f32], gradient: &[f32], epsilon: f32) -> Gradients {
    let features = weight.len();
    assert!(features > 0 && input.len().is_multiple_of(features));
    assert_eq!(input.len(), gradient.len());
    let chunk = chunk_rows(features) * features;
    let mut partial = (Vec::new(), Vec::new());
    let fill = |output: &mut [MaybeUninit<f32>]| {
        partial = output
            .par_chunks_mut(chunk)
            .zip(input.par_chunks(chunk).zip(gradient.par_chunks(chunk)))
            .map(|(output, (input, gradient))| {
                let mut sums = (vec![0.0; features], vec![0.0; features]);
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = input
                            .chunks_exact(features)
                            .zip(gradient.chunks_exact(features));
                        for (output, row) in output.chunks_exact_mut(features).zip(rows) {
                            let sums = (&mut *sums.0, &mut *sums.1);
                            row_gradient(output, row, weight, sums, epsilon);
                        }
                    },
                );
                sums
            })
            .unzip();
    };
    // SAFETY: rows are whole, so the chunks cover all values.
    let input = unsafe { written(input.len(), fill) };
    Gradients {
        input,
        weight: total(&partial.0, features),
        bias: total(&partial.1, features),
    }
}

/// The mean of a row and the reciprocal of its deviation.
#[inline(always)]
fn statistics(row: &[f32], epsilon: f32) -> (f32, f32) {
    let share = 1.0 / row.len() as f32;
    let mean = share * sum_of(row, |value| value);
    let variance = share * sum_of(row, |value| (value - mean) * (value - mean));
    (mean, (variance + epsilon).sqrt().recip())
}

/// With n = (x - mean) * scale and g = gradient * weight:
/// dx = scale * (g - average(g) - n * average(g * n)). Adds gradient * n and gradient to
/// the sums of weight and bias.
#[inline(always)]
fn row_gradient(
    output: &mut [MaybeUninit<f32>],
    (input, gradient): (&[f32], &[f32]),
    weight: &[f32],
    (weights, biases): (&mut [f32], &mut [f32]),
    epsilon: f32,
) {
    let (mean, scale) = statistics(input, epsilon);
    let mut sums = Sums {
        products: [0.0; LANES],
        projections: [0.0; LANES],
        mean,
        scale,
    };
    let (inputs, last_inputs) = input.as_chunks();
    let (gradients, last_gradients) = gradient.as_chunks();
    let (factors, last_factors) = weight.as_chunks();
    let (for_weights, last_weights) = weights.as_chunks_mut();
    let (for_biases, last_biases) = biases.as_chunks_mut();
    let operands = inputs.iter().zip(gradients).zip(factors);
    let targets = for_weights.iter_mut().zip(for_biases);
    for (((input, gradient), factor), (for_weight, for_bias)) in operands.zip(targets) {
        sums.add(input, gradient, factor, for_weight, for_bias);
    }
    let count = last_inputs.len();
    if count > 0 {
        // Gradients of zero add nothing.
        let [input, gradient, factor] = [last_inputs, last_gradients, last_factors].map(filled);
        let (mut for_weight, mut for_bias) = (filled(last_weights), filled(last_biases));
        sums.add(&input, &gradient, &factor, &mut for_weight, &mut for_bias);
        last_weights.copy_from_slice(&for_weight[..count]);
        last_biases.copy_from_slice(&for_bias[..count]);
    }
    let share = 1.0 / output.len() as f32;
    let average = share * sums.products.iter().sum::<f32>();
    let projection = share * sums.projections.iter().sum::<f32>();
    let operands = input.iter().zip(gradient).zip(weight);
    for (output, ((input, gradient), weight)) in output.iter_mut().zip(operands) {
        let normalised = (input - mean) * scale;
        output.write(scale * (gradient * weight - average - normalised * projection));
    }
}

/// The first values of a vector, zeros after them.
#[inline(always)]
fn filled(values: &[f32]) -> [f32; LANES] {
    let mut vector = [0.0; LANES];
    vector[..values.len()].copy_from_slice(values);
    vector
}

/// Sums over a row, by lane.
struct Sums {
    /// Σ gradient * weight.
    products: [f32; LANES],
    /// Σ gradient * weight * n.
    projections: [f32; LANES],
    mean: f32,
    scale: f32,
}

impl Sums {
    /// Adds a vector of the row, and what it gives for weight and bias.
    #[inline(always)]
    fn add(
        &mut self,
        input: &[f32; LANES],
        gradient: &[f32; LANES],
        factor: &[f32; LANES],
        for_weight: &mut [f32; LANES],
        for_bias: &mut [f32; LANES],
    ) {
        for lane in 0..LANES {
            let normalised = (input[lane] - self.mean) * self.scale;
            let product = gradient[lane] * factor[lane];
            self.products[lane] += product;
            self.projections[lane] += product * normalised;
            for_weight[lane] += gradient[lane] * normalised;
            for_bias[lane] += gradient[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between -1 and 1 in a fixed order, like nothing in particular.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        let number = |index| ((index * 7 + seed * 13) * 2_654_435_761 % 2001) as f32;
        (0..count)
            .map(|index| (number(index) - 1000.0) / 1000.0)
            .collect()
    }

    /// The definition in `f64`: results, and gradients of input, weight and bias.
    fn definition(input: &[f32], weight: &[f32], bias: &[f32], gradient: &[f32]) -> [Vec<f64>; 4] {
        let features = weight.len();
        let mut results = [
            Vec::new(),
            Vec::new(),
            vec![0.0; features],
            vec![0.0; features],
        ];
        for (row, gradient) in input.chunks(features).zip(gradient.chunks(features)) {
            let row: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            let mean = row.iter().sum::<f64>() / features as f64;
            let squares: f64 = row.iter().map(|value| (value - mean).powi(2)).sum();
            let deviation = (squares / features as f64 + 1e-6).sqrt();
            let normalised: Vec<f64> = row.iter().map(|x| (x - mean) / deviation).collect();
            let inner: Vec<f64> = (0..features)
                .map(|index| f64::from(gradient[index]) * f64::from(weight[index]))
                .collect();
            let average = inner.iter().sum::<f64>() / features as f64;
            let projection: f64 = inner.iter().zip(&normalised).map(|(g, n)| g * n).sum();
            for index in 0..features {
                let value = normalised[index];
                results[0].push(value * f64::from(weight[index]) + f64::from(bias[index]));
                let rest = inner[index] - average - value * projection / features as f64;
                results[1].push(rest / deviation);
                results[2][index] += f64::from(gradient[index]) * value;
                results[3][index] += f64::from(gradient[index]);
            }
        }
        results
    }

    #[test]
    fn values_and_gradients_are_those_of_the_definition() {
        for (rows, features) in [(1, 1), (3, 7), (5, 16), (70, 37), (130, 384), (2, 9000)] {
            let (input, gradient) = (numbers(rows * features, 1), numbers(rows * features, 2));
            let (weight, bias) = (numbers(features, 3), numbers(features, 4));
            let expected = definition(&input, &weight, &bias, &gradient);
            let found = gradients(&input, &weight, &gradient, 1e-6);
            let results = forward(&input, &weight, &bias, 1e-6);
            let found = [results, found.input, found.weight, found.bias];
            for (part, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    let error = (f64::from(*found) - expected).abs();
                    // A single feature has no deviation: its gradient is divided by 1e-3.
                    assert!(
                        error <= 2e-5 * expected.abs().max(1.0),
                        "part {part}, {rows} × {features}: {found} {expected}"
                    );
                }
            }
        }
    }
}
