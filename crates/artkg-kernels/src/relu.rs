//! The positive part of values.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffer::written;
use crate::vector::vectorised;

/// Values that one task works on.
const CHUNK: usize = 16 * 1024;

/// The positive part of each value; NaN stays NaN.
pub fn forward(input: &[f32]) -> Vec<f32> {
    let fill = |output: &mut [MaybeUninit<f32>]| {
        output
            .par_chunks_mut(CHUNK)
            .zip(input.par_chunks(CHUNK))
            .for_each(|(output, input)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for (output, input) in output.iter_mut().zip(input) {
                            output.write(if *input < 0.0 { 0.0 } else { *input });
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(input.len(), fill) }
}

/// The gradient before a ReLU whose result was `output`.
pub fn gradient(output: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(output.len(), gradient.len());
    let fill = |result: &mut [MaybeUninit<f32>]| {
        result
            .par_chunks_mut(CHUNK)
            .zip(output.par_chunks(CHUNK))
            .zip(gradient.par_chunks(CHUNK))
            .for_each(|((result, output), gradient)| {
                vectorised(
                    #[inline(always)]
                    || {
                        let pairs = output.iter().zip(gradient);
                        for (result, (output, gradient)) in result.iter_mut().zip(pairs) {
                            result.write(passed(*output, *gradient));
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(gradient.len(), fill) }
}

/// The gradient before a ReLU of a value, or of what it gave.
#[inline(always)]
pub fn passed(value: f32, gradient: f32) -> f32 {
    if value > 0.0 { gradient } else { 0.0 }
}
