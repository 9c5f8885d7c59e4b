use std::ops::Range;

use rayon::prelude::*;

use crate::images::Images;

/// The means of windows that cover each of the images `from` evenly, one for each
/// pixel of `to`.
pub fn adaptive_average(from: Images, to: Images, values: &[f32]) -> Vec<f32> {
    let channels = from.channels;
    let mut result = vec![0.0; to.len()];
    result
        .par_chunks_mut(to.image_len().max(1))
        .zip(values.par_chunks(from.image_len().max(1)))
        .for_each(|(result, values)| {
            each_pair(from, to, |to, from, share| {
                let values = &values[from * channels..][..channels];
                add(&mut result[to * channels..][..channels], values, share);
            });
        });
    result
}

/// The gradient of the values of [`adaptive_average`].
pub fn adaptive_average_gradient(from: Images, to: Images, gradient: &[f32]) -> Vec<f32> {
    let channels = from.channels;
    let mut result = vec![0.0; from.len()];
    result
        .par_chunks_mut(from.image_len().max(1))
        .zip(gradient.par_chunks(to.image_len().max(1)))
        .for_each(|(result, gradient)| {
            each_pair(from, to, |from, to, share| {
                let gradient = &gradient[from * channels..][..channels];
                add(&mut result[to * channels..][..channels], gradient, share);
            });
        });
    result
}

/// The pixels out of `from` that the window `index` out of `to` covers.
fn window(index: usize, from: usize, to: usize) -> Range<usize> {
    index * from / to..((index + 1) * from).div_ceil(to)
}

/// Calls `visit` with each output pixel, each input pixel of its window, and
/// that one's share in the mean, within one image.
fn each_pair(from: Images, to: Images, mut visit: impl FnMut(usize, usize, f32)) {
    for row in 0..to.height {
        for column in 0..to.width {
            let rows = window(row, from.height, to.height);
            let columns = window(column, from.width, to.width);
            let share = 1.0 / (rows.len() * columns.len()) as f32;
            for y in rows {
                for x in columns.clone() {
                    visit(row * to.width + column, y * from.width + x, share);
                }
            }
        }
    }
}

/// `target += share * source`.
fn add(target: &mut [f32], source: &[f32], share: f32) {
    for (target, source) in target.iter_mut().zip(source) {
        *target += share * source;
    }
}
