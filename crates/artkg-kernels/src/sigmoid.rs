//! Units gated by the logistic function: `x σ(βx)` (Ramachandran, Zoph and Le, 2017)
//! and `x σ(x) · y` of two halves (SwiGLU; Shazeer, 2020).

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffer::written;
use crate::elementwise::{combined, converted};
use crate::exponential::exponential;
use crate::vector::vectorised;

/// The factor with which `x σ(βx)` is nearest to `x Φ(x)`, as OpenAI's CLIP has it.
pub const QUICK_GELU: f32 = 1.702;

/// Values that one task works on at least.
const CHUNK: usize = 1 << 15;

/// `x σ(βx)` of each value.
pub fn forward(input: &[f32], beta: f32) -> Vec<f32> {
    converted(
        input,
        #[inline(always)]
        |x: f32| gated(x, beta),
    )
}

/// The gradient of values from that of their results.
pub fn gradient(input: &[f32], gradient: &[f32], beta: f32) -> Vec<f32> {
    combined(
        input,
        gradient,
        #[inline(always)]
        |x, gradient| gradient * slope(x, beta),
    )
}

/// `x σ(x) · y` of rows of `width` values `x` followed by as many `y`.
pub fn gated_halves(input: &[f32], width: usize) -> Vec<f32> {
    assert!(width > 0 && input.len().is_multiple_of(2 * width));
    let rows = CHUNK.div_ceil(width);
    let fill = |output: &mut [MaybeUninit<f32>]| {
        output
            .par_chunks_mut(rows * width)
            .zip(input.par_chunks(rows * 2 * width))
            .for_each(|(output, input)| {
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = input.chunks_exact(2 * width);
                        for (output, row) in output.chunks_exact_mut(width).zip(rows) {
                            let (gates, values) = row.split_at(width);
                            let pairs = gates.iter().zip(values);
                            for (output, (gate, value)) in output.iter_mut().zip(pairs) {
                                output.write(gated(*gate, 1.0) * value);
                            }
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(input.len() / 2, fill) }
}

/// The gradient of [`gated_halves`]' input.
pub fn gated_halves_gradient(input: &[f32], gradient: &[f32], width: usize) -> Vec<f32> {
    assert!(width > 0 && input.len() == 2 * gradient.len());
    let rows = CHUNK.div_ceil(width);
    let fill = |result: &mut [MaybeUninit<f32>]| {
        result
            .par_chunks_mut(rows * 2 * width)
            .zip(input.par_chunks(rows * 2 * width))
            .zip(gradient.par_chunks(rows * width))
            .for_each(|((result, input), gradient)| {
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = input
                            .chunks_exact(2 * width)
                            .zip(gradient.chunks_exact(width));
                        for (result, (row, gradient)) in
                            result.chunks_exact_mut(2 * width).zip(rows)
                        {
                            let (gates, values) = row.split_at(width);
                            let (for_gates, for_values) = result.split_at_mut(width);
                            let operands = gates.iter().zip(values).zip(gradient);
                            let targets = for_gates.iter_mut().zip(for_values);
                            for ((for_gate, for_value), ((gate, value), gradient)) in
                                targets.zip(operands)
                            {
                                let share = logistic(*gate);
                                let slope = (gate * share).mul_add(1.0 - share, share);
                                for_gate.write(gradient * value * slope);
                                for_value.write(gradient * gate * share);
                            }
                        }
                    },
                );
            });
    };
    assert!(gradient.len().is_multiple_of(width));
    // SAFETY: rows are whole, so the chunks cover all values.
    unsafe { written(input.len(), fill) }
}

/// `x σ(βx)`.
#[inline(always)]
pub(crate) fn gated(x: f32, beta: f32) -> f32 {
    x * logistic(beta * x)
}

/// The derivative of [`gated`].
#[inline(always)]
fn slope(x: f32, beta: f32) -> f32 {
    let share = logistic(beta * x);
    (beta * x * share).mul_add(1.0 - share, share)
}

/// `1 / (1 + exp(-x))`, without an overflow on either side.
#[inline(always)]
fn logistic(x: f32) -> f32 {
    let power = exponential(-x.abs());
    let numerator = if x < 0.0 { power } else { 1.0 };
    numerator / (1.0 + power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_gradients_are_those_of_the_definition() {
        let input: Vec<f32> = (-9000..9000).map(|step| step as f32 * 1e-2).collect();
        let gradients = vec![3.0; input.len()];
        for beta in [1.0, QUICK_GELU] {
            let found = forward(&input, beta).into_iter();
            let slopes = gradient(&input, &gradients, beta).into_iter();
            for (x, (found, slope)) in input.iter().zip(found.zip(slopes)) {
                let (x, beta) = (f64::from(*x), f64::from(beta));
                let share = 1.0 / (1.0 + (-beta * x).exp());
                let expected = [x * share, 3.0 * (share + beta * x * share * (1.0 - share))];
                for (found, expected) in [found, slope].into_iter().zip(expected) {
                    let error = (f64::from(found) - expected).abs();
                    assert!(
                        error <= 1e-6 * expected.abs().max(0.1),
                        "{x}: {found} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn halves_are_gates_and_values() {
        let input = [1.0, -2.0, 3.0, 4.0, 0.5, 0.0, 2.0, 5.0];
        let silu = |x: f32| x / (1.0 + (-x).exp());
        let expected = [silu(1.0) * 3.0, silu(-2.0) * 4.0, silu(0.5) * 2.0, 0.0];
        for (found, expected) in gated_halves(&input, 2).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn what_is_not_finite_passes() {
        let output = forward(&[f32::NAN, f32::INFINITY, -1e30], 1.0);
        assert!(output[0].is_nan());
        assert_eq!(output[1], f32::INFINITY);
        assert!(output[2].abs() < 1e-7);
    }
}
