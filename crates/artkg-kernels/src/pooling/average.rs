use rayon::prelude::*;

use crate::window::Geometry;

/// The mean of each window; padding counts as zeros.
pub fn average(geometry: &Geometry, values: &[f32]) -> Vec<f32> {
    let (input_length, output_length) = lengths(geometry);
    let channels = geometry.input.channels;
    let share = share(geometry);
    let mut result = vec![0.0; geometry.output.len()];
    if input_length > 0 && output_length > 0 {
        result
            .par_chunks_mut(output_length)
            .zip(values.par_chunks(input_length))
            .for_each(|(result, values)| {
                each_pair(geometry, |to, from| {
                    let sums = &mut result[to * channels..][..channels];
                    let values = &values[from * channels..][..channels];
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += value;
                    }
                });
                for value in result {
                    *value *= share;
                }
            });
    }
    result
}

/// The gradient of the values of [`average`].
pub fn average_gradient(geometry: &Geometry, gradient: &[f32]) -> Vec<f32> {
    let (input_length, output_length) = lengths(geometry);
    let channels = geometry.input.channels;
    let share = share(geometry);
    let mut result = vec![0.0; geometry.input.len()];
    if input_length > 0 && output_length > 0 {
        result
            .par_chunks_mut(input_length)
            .zip(gradient.par_chunks(output_length))
            .for_each(|(result, gradient)| {
                each_pair(geometry, |from, to| {
                    let sums = &mut result[to * channels..][..channels];
                    let gradient = &gradient[from * channels..][..channels];
                    for (sum, gradient) in sums.iter_mut().zip(gradient) {
                        *sum += share * gradient;
                    }
                });
            });
    }
    result
}

/// Calls `visit` with each output pixel and each input pixel of its window,
/// within one image.
fn each_pair(geometry: &Geometry, mut visit: impl FnMut(usize, usize)) {
    let Geometry { input, output, .. } = geometry;
    for row in 0..output.height {
        for column in 0..output.width {
            let (rows, columns) = geometry.inside(row, column);
            for y in rows {
                for x in columns.clone() {
                    visit(row * output.width + column, y * input.width + x);
                }
            }
        }
    }
}

/// What one input pixel contributes to a window's mean.
fn share(geometry: &Geometry) -> f32 {
    1.0 / geometry.shape.area() as f32
}

/// The number of values of one input and one output image.
fn lengths(geometry: &Geometry) -> (usize, usize) {
    (geometry.input.image_len(), geometry.output.image_len())
}
