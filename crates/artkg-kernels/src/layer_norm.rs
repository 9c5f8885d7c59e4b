//! Layer normalisation of rows.

use rayon::prelude::*;

use crate::vector::{sum_of, vectorised};

/// Rows with mean 0 and variance 1, times `weight` plus `bias`.
pub fn forward(input: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let mut output = vec![0.0; input.len()];
    output
        .par_chunks_exact_mut(weight.len())
        .zip(input.par_chunks_exact(weight.len()))
        .for_each(|(output, input)| {
            vectorised(
                #[inline(always)]
                || {
                    let (mean, scale) = statistics(input, epsilon);
                    let parameters = weight.iter().zip(bias);
                    for ((output, input), (weight, bias)) in
                        output.iter_mut().zip(input).zip(parameters)
                    {
                        *output = (input - mean) * scale * weight + bias;
                    }
                },
            );
        });
    output
}

/// The gradient of the input.
pub fn input_gradient(input: &[f32], weight: &[f32], gradient: &[f32], epsilon: f32) -> Vec<f32> {
    let features = weight.len();
    let mut output = vec![0.0; input.len()];
    output
        .par_chunks_exact_mut(features)
        .zip(input.par_chunks_exact(features))
        .zip(gradient.par_chunks_exact(features))
        .for_each(|((output, input), gradient)| {
            vectorised(
                #[inline(always)]
                || row_gradient(output, input, weight, gradient, epsilon),
            );
        });
    output
}

/// The gradients of weight and bias, `features` each.
pub fn parameter_gradients(
    input: &[f32],
    gradient: &[f32],
    features: usize,
    epsilon: f32,
) -> (Vec<f32>, Vec<f32>) {
    let mut weights = vec![0_f64; features];
    let mut biases = vec![0_f64; features];
    let rows = input.chunks_exact(features);
    for (input, gradient) in rows.zip(gradient.chunks_exact(features)) {
        let (mean, scale) = statistics(input, epsilon);
        for (index, gradient) in gradient.iter().enumerate() {
            weights[index] += f64::from(gradient * (input[index] - mean) * scale);
            biases[index] += f64::from(*gradient);
        }
    }
    let rounded = |sums: Vec<f64>| sums.into_iter().map(|sum| sum as f32).collect();
    (rounded(weights), rounded(biases))
}

/// The mean of a row and the reciprocal of its deviation.
#[inline(always)]
fn statistics(row: &[f32], epsilon: f32) -> (f32, f32) {
    let share = 1.0 / row.len() as f32;
    let mean = share * sum_of(row.len(), |index| row[index]);
    let variance = share * sum_of(row.len(), |index| (row[index] - mean).powi(2));
    (mean, (variance + epsilon).sqrt().recip())
}

/// With n = (x - mean) * scale and g = gradient * weight:
/// dx = scale * (g - average(g) - n * average(g * n)).
#[inline(always)]
fn row_gradient(output: &mut [f32], input: &[f32], weight: &[f32], gradient: &[f32], epsilon: f32) {
    let (mean, scale) = statistics(input, epsilon);
    for ((output, gradient), weight) in output.iter_mut().zip(gradient).zip(weight) {
        *output = gradient * weight;
    }
    let share = 1.0 / output.len() as f32;
    let average = share * sum_of(output.len(), |index| output[index]);
    let projection =
        share * scale * sum_of(output.len(), |index| output[index] * (input[index] - mean));
    for (output, input) in output.iter_mut().zip(input) {
        let normalised = (input - mean) * scale;
        *output = scale * (*output - average - normalised * projection);
    }
}
