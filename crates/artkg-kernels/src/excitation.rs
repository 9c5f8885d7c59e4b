//! `relu(input · gate + residual)` of images, with a gate for each channel of each
//! image.

use rayon::prelude::*;

use crate::images::Images;
use crate::relu::passed;
use crate::vector::vectorised;

/// The result, laid out like `input` and `residual`; `gate` is `[batch, channels]`.
pub fn forward(sizes: Images, input: &[f32], gate: &[f32], residual: &[f32]) -> Vec<f32> {
    let channels = sizes.channels;
    let row = (sizes.width * channels).max(1);
    let mut output = vec![0.0; input.len()];
    output
        .par_chunks_mut(row)
        .zip(input.par_chunks(row).zip(residual.par_chunks(row)))
        .enumerate()
        .for_each(|(index, (output, (input, residual)))| {
            let image = index / sizes.height;
            let gate = &gate[image * channels..][..channels];
            vectorised(
                #[inline(always)]
                || excite_row(output, input, gate, residual),
            );
        });
    output
}

/// The gradients of input, gate and residual.
pub fn gradients(
    sizes: Images,
    [input, gate]: [&[f32]; 2],
    output: &[f32],
    gradient: &[f32],
) -> [Vec<f32>; 3] {
    let (image, channels) = (sizes.image_len().max(1), sizes.channels);
    let mut for_input = vec![0.0; sizes.len()];
    let mut for_residual = vec![0.0; sizes.len()];
    let mut for_gate = vec![0.0; sizes.batch * channels];
    for_input
        .par_chunks_mut(image)
        .zip(for_residual.par_chunks_mut(image))
        .zip(for_gate.par_chunks_mut(channels.max(1)))
        .enumerate()
        .for_each(|(index, ((for_input, for_residual), for_gate))| {
            let range = index * image..(index + 1) * image;
            let gate = &gate[index * channels..][..channels];
            let operands = [
                &input[range.clone()],
                &output[range.clone()],
                &gradient[range],
            ];
            vectorised(
                #[inline(always)]
                || gradients_of_image(operands, gate, [for_input, for_residual, for_gate]),
            );
        });
    [for_input, for_gate, for_residual]
}

#[inline(always)]
fn excite_row(output: &mut [f32], input: &[f32], gate: &[f32], residual: &[f32]) {
    let pixels = output
        .chunks_exact_mut(gate.len())
        .zip(input.chunks_exact(gate.len()))
        .zip(residual.chunks_exact(gate.len()));
    for ((output, input), residual) in pixels {
        let values = output.iter_mut().zip(input).zip(gate).zip(residual);
        for (((output, input), gate), residual) in values {
            let value = input * gate + residual;
            // NaN stays NaN.
            *output = if value < 0.0 { 0.0 } else { value };
        }
    }
}

/// From input, output and the output's gradient: the gradients of input,
/// residual and gate.
#[inline(always)]
fn gradients_of_image(
    [input, output, gradient]: [&[f32]; 3],
    gate: &[f32],
    [for_input, for_residual, for_gate]: [&mut [f32]; 3],
) {
    let channels = gate.len();
    for start in (0..input.len()).step_by(channels) {
        let pixel = start..start + channels;
        let (input, output) = (&input[pixel.clone()], &output[pixel.clone()]);
        let gradient = &gradient[pixel.clone()];
        let for_input = &mut for_input[pixel.clone()];
        let for_residual = &mut for_residual[pixel];
        for channel in 0..channels {
            let passed = passed(output[channel], gradient[channel]);
            for_residual[channel] = passed;
            for_input[channel] = passed * gate[channel];
            for_gate[channel] += passed * input[channel];
        }
    }
}
