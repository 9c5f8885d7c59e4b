//! Fast paths against plain sums in `f64`, on odd shapes, for every instruction set that
//! the processor has.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::kernel::all_depthwise_kernels;

/// The three passes by the definition.
struct Expected {
    forward: Vec<f64>,
    input: Vec<f64>,
    filters: Vec<f64>,
}

impl Expected {
    fn new(sizes: &Depthwise, [input, filters, bias, gradient]: [&[f32]; 4]) -> Self {
        let Images {
            batch,
            height,
            width,
            channels,
        } = sizes.images;
        let wide = |values: &[f32], index: usize| f64::from(values[index]);
        let mut expected = Self {
            forward: vec![0.0; input.len()],
            input: vec![0.0; input.len()],
            filters: vec![0.0; filters.len()],
        };
        for to in 0..batch * height * width {
            let (row, column) = (to / width % height, to % width);
            for channel in 0..channels {
                let target = to * channels + channel;
                expected.forward[target] += wide(bias, channel);
                for position in 0..sizes.area() {
                    let (down, right) = (position / sizes.kernel, position % sizes.kernel);
                    let reads = |at: usize, step: usize, size: usize| {
                        (at + step)
                            .checked_sub(sizes.reach())
                            .filter(|at| *at < size)
                    };
                    let (Some(from_row), Some(from_column)) =
                        (reads(row, down, height), reads(column, right, width))
                    else {
                        continue;
                    };
                    let from = to - row * width - column + from_row * width + from_column;
                    let source = from * channels + channel;
                    let filter = position * channels + channel;
                    expected.forward[target] += wide(input, source) * wide(filters, filter);
                    expected.input[source] += wide(gradient, target) * wide(filters, filter);
                    expected.filters[filter] += wide(gradient, target) * wide(input, source);
                }
            }
        }
        expected
    }
}

#[test]
fn all_three_passes_with_every_instruction_set() {
    let mut random = Pcg64Mcg::seed_from_u64(7);
    for (batch, height, width, channels, kernel) in [
        (1, 1, 1, 1, 1),
        (2, 3, 5, 3, 3),
        (1, 2, 3, 17, 7),
        (2, 9, 13, 33, 7),
        (1, 30, 8, 70, 5),
        (3, 14, 14, 48, 7),
        (1, 12, 40, 32, 9),
        (1, 3, 300, 5, 11),
    ] {
        let images = Images {
            batch,
            height,
            width,
            channels,
        };
        let sizes = Depthwise { images, kernel };
        let mut draw = |count: usize| -> Vec<f32> {
            (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
        };
        let input = draw(images.len());
        let filters = draw(sizes.area() * channels);
        let bias = draw(channels);
        let gradient = draw(images.len());
        let expected = Expected::new(&sizes, [&input, &filters, &bias, &gradient]);
        for kernel in all_depthwise_kernels() {
            let check = |found: &[f32], expected: &[f64], pass: &str| {
                assert_eq!(found.len(), expected.len());
                for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
                    let error = (f64::from(*found) - expected).abs();
                    assert!(
                        error <= 1e-5 * expected.abs().max(1.0),
                        "{} {sizes:?} {pass} at {place}: {found} {expected}",
                        kernel.name
                    );
                }
            };
            let found = sizes.convolve(kernel, &input, &filters, &bias);
            check(&found, &expected.forward, "forward");
            let found = sizes.input_gradient_with(kernel, &filters, &gradient);
            check(&found, &expected.input, "input");
            let found = sizes.filter_gradient_with(kernel, &input, &gradient);
            check(&found, &expected.filters, "filters");
        }
    }
}

#[test]
fn no_images_give_nothing() {
    let images = Images {
        batch: 0,
        height: 4,
        width: 4,
        channels: 2,
    };
    let sizes = Depthwise { images, kernel: 3 };
    assert!(sizes.forward(&[], &[1.0; 18], &[0.0; 2]).is_empty());
    assert_eq!(sizes.filter_gradient(&[], &[]), [0.0; 18]);
}
