use crate::segments::Segments;

/// The first `places` of the rows of each set, `features` values each, one after the
/// other, each with a 1 behind it; zeros for padding.
pub fn pad(rows: &[f32], segments: &Segments, features: usize, places: usize) -> Vec<f32> {
    let width = places * (features + 1);
    let mut padded = vec![0.0; segments.len() * width];
    for (padded, set) in padded.chunks_exact_mut(width.max(1)).zip(segments.iter()) {
        for (place, row) in padded.chunks_exact_mut(features + 1).zip(set) {
            place[..features].copy_from_slice(&rows[row * features..(row + 1) * features]);
            place[features] = 1.0;
        }
    }
    padded
}

/// The gradient of the rows of [`pad`].
pub fn pad_gradient(
    gradient: &[f32],
    segments: &Segments,
    features: usize,
    places: usize,
) -> Vec<f32> {
    let width = places * (features + 1);
    let mut result = vec![0.0; segments.rows() * features];
    for (padded, set) in gradient.chunks_exact(width.max(1)).zip(segments.iter()) {
        for (place, row) in padded.chunks_exact(features + 1).zip(set) {
            result[row * features..(row + 1) * features].copy_from_slice(&place[..features]);
        }
    }
    result
}
