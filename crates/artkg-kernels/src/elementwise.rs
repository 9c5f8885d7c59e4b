//! Passes that treat every value alike, in chunks that threads share.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffer::written;
use crate::vector::vectorised;

/// Values handled by one task.
const CHUNK: usize = 1 << 14;

/// `update(value)` for each value of `target`.
pub fn update(target: &mut [f32], update: impl Fn(&mut f32) + Sync) {
    target.par_chunks_mut(CHUNK).for_each(|target| {
        vectorised(
            #[inline(always)]
            || target.iter_mut().for_each(&update),
        );
    });
}

/// `update(value, other)` for each value of `target` and its counterpart.
pub fn update_with(target: &mut [f32], other: &[f32], update: impl Fn(&mut f32, f32) + Sync) {
    assert_eq!(target.len(), other.len());
    target
        .par_chunks_mut(CHUNK)
        .zip(other.par_chunks(CHUNK))
        .for_each(|(target, other)| {
            vectorised(
                #[inline(always)]
                || {
                    for (target, other) in target.iter_mut().zip(other) {
                        update(target, *other);
                    }
                },
            );
        });
}

/// `update(value, first, second)` for each value of `target` and its counterparts.
pub fn update_with_two(
    target: &mut [f32],
    first: &[f32],
    second: &[f32],
    update: impl Fn(&mut f32, f32, f32) + Sync,
) {
    assert!(target.len() == first.len() && target.len() == second.len());
    target
        .par_chunks_mut(CHUNK)
        .zip(first.par_chunks(CHUNK))
        .zip(second.par_chunks(CHUNK))
        .for_each(|((target, first), second)| {
            vectorised(
                #[inline(always)]
                || {
                    for ((target, first), second) in target.iter_mut().zip(first).zip(second) {
                        update(target, *first, *second);
                    }
                },
            );
        });
}

/// The sums of values and their counterparts.
pub fn sum(first: &[f32], second: &[f32]) -> Vec<f32> {
    combined(
        first,
        second,
        #[inline(always)]
        |first, second| first + second,
    )
}

/// `combine(first, second)` of values and their counterparts.
pub fn combined(
    first: &[f32],
    second: &[f32],
    combine: impl Fn(f32, f32) -> f32 + Sync,
) -> Vec<f32> {
    assert_eq!(first.len(), second.len());
    let fill = |result: &mut [MaybeUninit<f32>]| {
        result
            .par_chunks_mut(CHUNK)
            .zip(first.par_chunks(CHUNK))
            .zip(second.par_chunks(CHUNK))
            .for_each(|((result, first), second)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for ((result, first), second) in result.iter_mut().zip(first).zip(second) {
                            result.write(combine(*first, *second));
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(first.len(), fill) }
}

/// `convert` of each value.
pub fn converted<From: Copy + Sync, To: Copy + Send>(
    values: &[From],
    convert: impl Fn(From) -> To + Sync,
) -> Vec<To> {
    let fill = |result: &mut [MaybeUninit<To>]| {
        result
            .par_chunks_mut(CHUNK)
            .zip(values.par_chunks(CHUNK))
            .for_each(|(result, values)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for (result, value) in result.iter_mut().zip(values) {
                            result.write(convert(*value));
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(values.len(), fill) }
}
