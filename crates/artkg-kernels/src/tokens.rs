//! Sequences of tokens: `[batch, tokens, width]`.

use std::ops::Range;

use rayon::prelude::*;

use crate::sums::column_sums;
use crate::vector::vectorised;

/// `prefix`, then the tokens, of each item; an item's tokens have `length` values
/// together.
pub fn with_prefix(tokens: &[f32], prefix: &[f32], length: usize) -> Vec<f32> {
    assert!(length > 0 && tokens.len().is_multiple_of(length));
    let whole = prefix.len() + length;
    let mut result = vec![0.0; tokens.len() / length * whole];
    result
        .par_chunks_mut(whole)
        .zip(tokens.par_chunks(length))
        .for_each(|(result, tokens)| {
            let (front, back) = result.split_at_mut(prefix.len());
            front.copy_from_slice(prefix);
            back.copy_from_slice(tokens);
        });
    result
}

/// The values `range` of each item of `length` values.
pub fn select(values: &[f32], length: usize, range: Range<usize>) -> Vec<f32> {
    assert!(length > 0 && values.len().is_multiple_of(length) && range.end <= length);
    if range.is_empty() {
        return Vec::new();
    }
    let mut result = vec![0.0; values.len() / length * range.len()];
    result
        .par_chunks_mut(range.len())
        .zip(values.par_chunks(length))
        .for_each(|(result, values)| result.copy_from_slice(&values[range.clone()]));
    result
}

/// The gradient of [`select`]'s values.
pub fn select_gradient(gradient: &[f32], length: usize, range: Range<usize>) -> Vec<f32> {
    if range.is_empty() {
        return Vec::new();
    }
    let mut result = vec![0.0; gradient.len() / range.len() * length];
    result
        .par_chunks_mut(length)
        .zip(gradient.par_chunks(range.len()))
        .for_each(|(result, gradient)| result[range.clone()].copy_from_slice(gradient));
    result
}

/// `values` plus `positions` in each item.
pub fn add_positions(values: &[f32], positions: &[f32]) -> Vec<f32> {
    let length = positions.len().max(1);
    assert!(values.len().is_multiple_of(length));
    let mut result = vec![0.0; values.len()];
    result
        .par_chunks_mut(length)
        .zip(values.par_chunks(length))
        .for_each(|(result, values)| {
            vectorised(
                #[inline(always)]
                || {
                    let pairs = values.iter().zip(positions);
                    for (result, (value, position)) in result.iter_mut().zip(pairs) {
                        *result = value + position;
                    }
                },
            );
        });
    result
}

/// The sum over items of `length` values each.
pub fn sum_of_items(values: &[f32], length: usize) -> Vec<f32> {
    column_sums(values, length)
}

/// The mean over the tokens of each item of `length` values.
pub fn means(values: &[f32], length: usize, width: usize) -> Vec<f32> {
    assert!(width > 0 && length >= width && length.is_multiple_of(width));
    let share = 1.0 / (length / width) as f32;
    let mut result = vec![0.0; values.len() / length * width];
    result
        .par_chunks_mut(width)
        .zip(values.par_chunks(length))
        .for_each(|(result, values)| {
            vectorised(
                #[inline(always)]
                || {
                    for token in values.chunks_exact(width) {
                        for (sum, value) in result.iter_mut().zip(token) {
                            *sum += value;
                        }
                    }
                    result.iter_mut().for_each(|sum| *sum *= share);
                },
            );
        });
    result
}

/// The gradient of [`means`]' values.
pub fn means_gradient(gradient: &[f32], length: usize, width: usize) -> Vec<f32> {
    assert!(width > 0 && length >= width && length.is_multiple_of(width));
    let share = 1.0 / (length / width) as f32;
    let mut result = vec![0.0; gradient.len() / width * length];
    result
        .par_chunks_mut(length)
        .zip(gradient.par_chunks(width))
        .for_each(|(result, gradient)| {
            for token in result.chunks_exact_mut(width) {
                for (result, gradient) in token.iter_mut().zip(gradient) {
                    *result = gradient * share;
                }
            }
        });
    result
}
