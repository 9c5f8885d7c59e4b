//! Fast paths against plain sums in `f64`, on random shapes, for every
//! instruction set that the processor has.

use half::bf16;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::filter_gradient::filter_gradient;
use super::forward::{forward, pack};
use super::input_gradient::input_gradient;
use super::product::Finish;
use super::winograd::tiles::is_possible;
use super::winograd::{self, FilterUse, TransformedFilters};
use crate::images::Images;
use crate::kernel::{Element, all_kernels, all_outer_kernels, all_winograd_kernels, kernel_bf16};
use crate::window::{Geometry, WindowShape};

/// The same kernel, stride and padding in both directions.
fn square(kernel: usize, stride: usize, padding: usize) -> WindowShape {
    WindowShape {
        kernel: (kernel, kernel),
        stride: (stride, stride),
        padding: (padding, padding),
    }
}

/// The sizes of what a window produces; `None` where it does not fit.
fn output_size(shape: WindowShape, size: (usize, usize)) -> Option<(usize, usize)> {
    let along = |size: usize, kernel: usize, stride: usize, padding: usize| {
        Some((size + 2 * padding).checked_sub(kernel)? / stride + 1)
    };
    Some((
        along(size.0, shape.kernel.0, shape.stride.0, shape.padding.0)?,
        along(size.1, shape.kernel.1, shape.stride.1, shape.padding.1)?,
    ))
}

/// A convolution with its operands.
struct Case {
    geometry: Geometry,
    input: Vec<f32>,
    filters: Vec<f32>,
    bias: Vec<f32>,
    residual: Vec<f32>,
}

impl Case {
    fn new(
        random: &mut Pcg64Mcg,
        channels: (usize, usize),
        size: (usize, usize),
        shape: WindowShape,
    ) -> Option<Self> {
        let batch = random.random_range(1..4);
        let (height, width) = output_size(shape, size)?;
        let geometry = Geometry {
            input: Images {
                batch,
                height: size.0,
                width: size.1,
                channels: channels.0,
            },
            output: Images {
                batch,
                height,
                width,
                channels: channels.1,
            },
            shape,
        };
        let mut draw = |count: usize| (0..count).map(|_| random.random_range(-1.0..1.0)).collect();
        Some(Self {
            geometry,
            input: draw(geometry.input.len()),
            filters: draw(shape.area() * channels.0 * channels.1),
            bias: draw(channels.1),
            residual: draw(geometry.output.len()),
        })
    }

    /// Any shape, odd sizes included.
    fn any(random: &mut Pcg64Mcg) -> Self {
        loop {
            let mut pair = |low, high| {
                (
                    random.random_range(low..high),
                    random.random_range(low..high),
                )
            };
            let shape = WindowShape {
                kernel: pair(1, 6),
                stride: pair(1, 4),
                padding: pair(0, 4),
            };
            let (channels, size) = (pair(1, 40), pair(1, 12));
            if let Some(case) = Self::new(random, channels, size, shape) {
                return case;
            }
        }
    }

    /// A 1×1 kernel on many channels: copies of operands pay.
    fn wide(random: &mut Pcg64Mcg, most: usize) -> Self {
        loop {
            let stride = random.random_range(1..3);
            let wide = most / stride;
            let narrow = random.random_range(130..260);
            // The gradient of the input goes from outputs to inputs.
            let channels = if random.random_range(0..2) == 0 {
                (wide, narrow)
            } else {
                (narrow, wide)
            };
            let size = (random.random_range(1..6), random.random_range(1..8));
            let shape = square(1, stride, 0);
            if let Some(case) = Self::new(random, channels, size, shape) {
                return case;
            }
        }
    }

    /// A shape that Winograd's way can compute.
    fn three_by_three(random: &mut Pcg64Mcg) -> Self {
        loop {
            let mut pair = |low, high| {
                (
                    random.random_range(low..high),
                    random.random_range(low..high),
                )
            };
            let shape = WindowShape {
                kernel: (3, 3),
                stride: (1, 1),
                padding: pair(0, 3),
            };
            let (channels, size) = (pair(32, 90), pair(1, 15));
            if let Some(case) = Self::new(random, channels, size, shape) {
                return case;
            }
        }
    }

    /// Calls `visit` with the indices of each product's input, filter and output.
    fn each_product(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let Geometry {
            input,
            output,
            shape,
        } = self.geometry;
        for pixel in 0..output.pixels() {
            let (image, row) = (
                pixel / output.width / output.height,
                pixel / output.width % output.height,
            );
            let column = pixel % output.width;
            for tap in 0..shape.area() {
                let y = (row * shape.stride.0 + tap / shape.kernel.1).wrapping_sub(shape.padding.0);
                let x =
                    (column * shape.stride.1 + tap % shape.kernel.1).wrapping_sub(shape.padding.1);
                if y >= input.height || x >= input.width {
                    continue;
                }
                let from = ((image * input.height + y) * input.width + x) * input.channels;
                for channel in 0..input.channels {
                    let filter = (tap * input.channels + channel) * output.channels;
                    for out in 0..output.channels {
                        visit(from + channel, filter + out, pixel * output.channels + out);
                    }
                }
            }
        }
    }

    /// `relu(convolution + bias + residual)` by the definition.
    fn expected(&self) -> Vec<f64> {
        let channels = self.geometry.output.channels;
        let mut sums: Vec<f64> = (0..self.residual.len())
            .map(|index| f64::from(self.bias[index % channels]) + f64::from(self.residual[index]))
            .collect();
        self.each_product(|input, filter, output| {
            sums[output] += f64::from(self.input[input]) * f64::from(self.filters[filter]);
        });
        sums.into_iter().map(|sum| sum.max(0.0)).collect()
    }

    fn describe(&self) -> String {
        format!("{:?}", self.geometry)
    }
}

/// The largest difference, relative to the largest value.
fn difference(got: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let largest = expected
        .iter()
        .fold(1.0_f64, |largest, value| largest.max(value.abs()));
    let pairs = got.iter().zip(expected);
    pairs.fold(0.0, |worst: f64, (got, expected)| {
        let difference = (f64::from(*got) - expected).abs();
        assert!(difference.is_finite());
        worst.max(difference / largest)
    })
}

fn random() -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(7)
}

#[test]
fn forward_with_every_instruction_set() {
    let mut random = random();
    for round in 0..44 {
        let case = match round {
            0..40 => Case::any(&mut random),
            _ => Case::wide(&mut random, 1024),
        };
        let expected = case.expected();
        let sizes = case.geometry.filter_sizes();
        for kernel in all_kernels() {
            let filters = pack(
                kernel,
                &case.filters,
                Some(&case.bias),
                sizes,
                case.geometry.shape,
            );
            let finish = Finish {
                residual: Some(&case.residual),
                relu: true,
            };
            let output = forward(kernel, &case.geometry, &case.input, &filters, finish);
            let difference = difference(&output, &expected);
            // Rounding grows with the number of terms.
            let most = if round < 40 { 1e-6 } else { 3e-6 };
            assert!(
                difference < most,
                "{} {}: {difference}",
                kernel.name,
                case.describe()
            );
        }
    }
}

#[test]
#[ignore = "needs a processor with bf16 products"]
fn forward_in_bf16() {
    let kernel = kernel_bf16().expect("this processor has bf16 products");
    let mut random = random();
    let shorten = |values: &mut Vec<f32>| -> Vec<bf16> {
        let short: Vec<bf16> = values.iter().map(|value| bf16::from_f32(*value)).collect();
        *values = short.iter().map(|value| value.to_f32()).collect();
        short
    };
    for round in 0..44 {
        let mut case = match round {
            0..40 => Case::any(&mut random),
            _ => Case::wide(&mut random, 2048),
        };
        let (input, residual) = (shorten(&mut case.input), shorten(&mut case.residual));
        shorten(&mut case.filters);
        let expected = case.expected();
        let sizes = case.geometry.filter_sizes();
        let filters = pack(
            kernel,
            &case.filters,
            Some(&case.bias),
            sizes,
            case.geometry.shape,
        );
        let finish = Finish {
            residual: Some(&residual),
            relu: true,
        };
        let output = forward(kernel, &case.geometry, &input, &filters, finish);
        let output: Vec<f32> = output.into_iter().map(bf16::to_f32).collect();
        // The result is rounded to 8 bits, sums are not.
        let difference = difference(&output, &expected);
        assert!(
            difference < 1.0 / 250.0,
            "{}: {difference}",
            case.describe()
        );
    }
}

#[test]
fn winograd_with_every_instruction_set() {
    let mut random = random();
    for round in 0..25 {
        let case = Case::three_by_three(&mut random);
        assert!(is_possible(&case.geometry));
        let expected = case.expected();
        let sizes = case.geometry.filter_sizes();
        for (kernel, transforms) in all_kernels().into_iter().zip(all_winograd_kernels()) {
            let filters = pack(
                kernel,
                &case.filters,
                Some(&case.bias),
                sizes,
                case.geometry.shape,
            );
            let transformed =
                TransformedFilters::new(&filters.panels, case.geometry.input.channels);
            let finish = Finish {
                residual: Some(&case.residual),
                relu: true,
            };
            let output = winograd::forward(
                (kernel, transforms),
                &case.geometry,
                &case.input,
                &transformed,
                filters.bias.as_deref(),
                finish,
            );
            let difference = difference(&output, &expected);
            assert!(
                difference < 1e-5,
                "round {round}, {} and {}, {}: {difference}",
                kernel.name,
                transforms.name,
                case.describe()
            );
        }
    }
}

#[test]
fn winograd_where_it_pays_and_nowhere_else() {
    let geometry = |batch: usize, side: usize, channels: usize, stride: usize| {
        let shape = square(3, stride, 1);
        let (height, width) = output_size(shape, (side, side)).unwrap();
        let input = Images {
            batch,
            height: side,
            width: side,
            channels,
        };
        let output = Images {
            height,
            width,
            ..input
        };
        Geometry {
            input,
            output,
            shape,
        }
    };
    assert!(winograd::pays(&geometry(1, 56, 64, 1), FilterUse::Many));
    assert!(winograd::pays(&geometry(8, 14, 256, 1), FilterUse::Once));
    assert!(!winograd::pays(&geometry(1, 7, 512, 1), FilterUse::Many));
    assert!(!winograd::pays(&geometry(8, 56, 64, 2), FilterUse::Many));
    assert!(!winograd::pays(&geometry(8, 56, 3, 1), FilterUse::Many));
}

#[test]
fn input_gradients_with_every_instruction_set() {
    let mut random = random();
    for round in 0..66 {
        let case = match round {
            60.. => Case::wide(&mut random, 1024),
            _ if round % 3 == 0 => Case::three_by_three(&mut random),
            _ => Case::any(&mut random),
        };
        let mut expected = vec![0.0; case.input.len()];
        case.each_product(|input, filter, output| {
            expected[input] += f64::from(case.filters[filter]) * f64::from(case.residual[output]);
        });
        for kernel in all_kernels() {
            let gradient = input_gradient(kernel, &case.geometry, &case.filters, &case.residual);
            let difference = difference(&gradient, &expected);
            assert!(
                difference < 1e-5,
                "{} {}: {difference}",
                kernel.name,
                case.describe()
            );
        }
    }
}

#[test]
fn filter_gradients_with_every_instruction_set() {
    let mut random = random();
    for round in 0..46 {
        // Large filters are summed in another way than small ones.
        let large = || square(3, 1 + round % 2, 1);
        let case = match round {
            40.. => Case::wide(&mut random, 1024),
            _ if round % 10 == 0 => Case::new(&mut random, (150, 130), (9, 7), large()).unwrap(),
            _ => Case::any(&mut random),
        };
        let mut expected = vec![0.0; case.filters.len()];
        case.each_product(|input, filter, output| {
            expected[filter] += f64::from(case.input[input]) * f64::from(case.residual[output]);
        });
        for kernel in all_outer_kernels() {
            let gradient = filter_gradient(kernel, &case.geometry, &case.input, &case.residual);
            let difference = difference(&gradient, &expected);
            assert!(
                difference < 1e-6,
                "{} {}: {difference}",
                kernel.name,
                case.describe()
            );
        }
    }
}

#[test]
fn winograd_filter_gradients_with_every_instruction_set() {
    let mut random = random();
    for _ in 0..25 {
        let case = Case::three_by_three(&mut random);
        let mut expected = vec![0.0; case.filters.len()];
        case.each_product(|input, filter, output| {
            expected[filter] += f64::from(case.input[input]) * f64::from(case.residual[output]);
        });
        for kernels in all_outer_kernels().into_iter().zip(all_winograd_kernels()) {
            let gradient =
                winograd::filter_gradient(kernels, &case.geometry, &case.input, &case.residual);
            let difference = difference(&gradient, &expected);
            let name = kernels.0.name;
            assert!(
                difference < 1e-5,
                "{name} {}: {difference}",
                case.describe()
            );
        }
    }
}

#[test]
fn elements_round_to_the_nearest() {
    assert_eq!(f32::from_f32(0.1), 0.1);
    assert_eq!(<bf16 as Element>::from_f32(1.0 + 1.0 / 256.0).to_f32(), 1.0);
    assert_eq!(
        <bf16 as Element>::from_f32(1.0 + 3.0 / 256.0).to_f32(),
        1.015_625
    );
}
