//! Images' channels behind each other, and apart again.

use rayon::prelude::*;

use crate::images::Images;

/// Pixels that one task works on.
const CHUNK: usize = 1024;

/// The channels of images of one size behind each other, for `sizes` and values of
/// each part.
pub fn join(sizes: &[Images], parts: &[&[f32]]) -> Vec<f32> {
    let row: usize = sizes.iter().map(|size| size.channels).sum();
    let pixels = sizes.first().map_or(0, Images::pixels);
    let mut result = vec![0.0; pixels * row];
    let row = row.max(1);
    result
        .par_chunks_mut(CHUNK * row)
        .enumerate()
        .for_each(|(chunk, result)| {
            let mut start = 0;
            for (size, part) in sizes.iter().zip(parts) {
                let channels = size.channels;
                let first = chunk * CHUNK * channels;
                for (pixel, result) in result.chunks_exact_mut(row).enumerate() {
                    let from = first + pixel * channels;
                    result[start..start + channels].copy_from_slice(&part[from..from + channels]);
                }
                start += channels;
            }
        });
    result
}

/// The channels `range` of pixels with `row` channels.
pub fn part(values: &[f32], row: usize, range: std::ops::Range<usize>) -> Vec<f32> {
    if range.is_empty() {
        return Vec::new();
    }
    let channels = range.len();
    let mut part = vec![0.0; values.len() / row * channels];
    part.par_chunks_mut(CHUNK * channels)
        .zip(values.par_chunks(CHUNK * row))
        .for_each(|(part, values)| {
            let pixels = part.chunks_exact_mut(channels);
            for (part, values) in pixels.zip(values.chunks_exact(row)) {
                part.copy_from_slice(&values[range.clone()]);
            }
        });
    part
}
