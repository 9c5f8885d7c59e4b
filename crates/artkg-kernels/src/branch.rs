//! Branches of residual networks: scaled by channel, or left out of whole items.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffer::written;
use crate::sums::{chunk_rows, total};
use crate::vector::vectorised;

/// `input + scale · branch` of rows of as many values as `scale` has.
pub fn add_scaled(input: &[f32], branch: &[f32], scale: &[f32]) -> Vec<f32> {
    let channels = scale.len().max(1);
    assert!(input.len() == branch.len() && input.len().is_multiple_of(channels));
    let chunk = chunk_rows(channels) * channels;
    let fill = |output: &mut [MaybeUninit<f32>]| {
        output
            .par_chunks_mut(chunk)
            .zip(input.par_chunks(chunk).zip(branch.par_chunks(chunk)))
            .for_each(|(output, (input, branch))| {
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = input
                            .chunks_exact(channels)
                            .zip(branch.chunks_exact(channels));
                        for (output, (input, branch)) in output.chunks_exact_mut(channels).zip(rows)
                        {
                            let values = input.iter().zip(branch).zip(scale);
                            for (output, ((input, branch), scale)) in output.iter_mut().zip(values)
                            {
                                output.write(scale * branch + input);
                            }
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(input.len(), fill) }
}

/// The gradients of branch and scale; that of the input is `gradient` itself.
///
/// The gradient of the scale is summed over chunks in `f32`, and over these in order
/// in `f64`.
pub fn add_scaled_gradients(
    branch: &[f32],
    scale: &[f32],
    gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let channels = scale.len().max(1);
    assert!(gradient.len() == branch.len() && gradient.len().is_multiple_of(channels));
    let chunk = chunk_rows(channels) * channels;
    let mut for_branch = vec![0.0; branch.len()];
    let partial: Vec<Vec<f32>> = for_branch
        .par_chunks_mut(chunk)
        .zip(branch.par_chunks(chunk).zip(gradient.par_chunks(chunk)))
        .map(|(for_branch, (branch, gradient))| {
            let mut sums = vec![0.0; scale.len()];
            vectorised(
                #[inline(always)]
                || {
                    let rows = branch
                        .chunks_exact(channels)
                        .zip(gradient.chunks_exact(channels));
                    for (for_branch, (branch, gradient)) in
                        for_branch.chunks_exact_mut(channels).zip(rows)
                    {
                        let operands = branch.iter().zip(gradient).zip(scale);
                        let targets = for_branch.iter_mut().zip(sums.iter_mut());
                        for ((for_branch, sum), ((branch, gradient), scale)) in
                            targets.zip(operands)
                        {
                            *for_branch = gradient * scale;
                            *sum += gradient * branch;
                        }
                    }
                },
            );
            sums
        })
        .collect();
    (for_branch, total(&partial, scale.len()))
}

/// Items of `length` values, each times its factor.
pub fn scale_items(values: &[f32], length: usize, factors: &[f32]) -> Vec<f32> {
    assert_eq!(values.len(), length * factors.len());
    let mut result = vec![0.0; values.len()];
    let length = length.max(1);
    result
        .par_chunks_mut(length)
        .zip(values.par_chunks(length))
        .zip(factors)
        .filter(|(_, factor)| **factor != 0.0)
        .for_each(|((result, values), factor)| {
            vectorised(
                #[inline(always)]
                || {
                    for (result, value) in result.iter_mut().zip(values) {
                        *result = factor * value;
                    }
                },
            );
        });
    result
}
