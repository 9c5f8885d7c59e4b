//! Fast paths against plain sums in `f64`, on odd shapes, for every instruction set that
//! the processor has.

use half::bf16;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::gelu::gelu;
use crate::kernel::{all_kernels, all_outer_kernels};
use crate::sigmoid::{QUICK_GELU, gated};

/// Rows, inputs and outputs: single ones, fewer and more than tiles have, and so many
/// that work is cut, or pixels are copied apart.
const SHAPES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [3, 5, 7],
    [17, 33, 31],
    [29, 64, 65],
    [257, 40, 100],
    [300, 7, 130],
    [1, 300, 200],
    [40, 1024, 150],
    [600, 190, 900],
];

fn drawn(count: usize, seed: u64) -> Vec<f32> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// `rows` × `columns` sums of `count` products.
fn sums(
    (rows, columns, count): (usize, usize, usize),
    product: impl Fn(usize, usize, usize) -> f32,
) -> Vec<f64> {
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let sum = |(row, column)| {
        (0..count)
            .map(|index| f64::from(product(row, column, index)))
            .sum()
    };
    places.map(sum).collect()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs();
        assert!(
            error <= tolerance * expected.abs().max(1.0),
            "{what} at {place}: {found} for {expected}"
        );
    }
}

#[test]
fn all_three_passes_with_every_instruction_set() {
    for [rows, inputs, outputs] in SHAPES {
        let layer = Linear {
            rows,
            inputs,
            outputs,
        };
        let input = drawn(rows * inputs, 1);
        let (weight, bias) = (drawn(outputs * inputs, 2), drawn(outputs, 3));
        let gradient = drawn(rows * outputs, 4);
        let forward: Vec<f64> = sums((rows, outputs, inputs), |row, output, index| {
            input[row * inputs + index] * weight[output * inputs + index]
        });
        let biases = bias.iter().cycle();
        let forward: Vec<f64> = forward
            .iter()
            .zip(biases)
            .map(|(sum, bias)| sum + f64::from(*bias))
            .collect();
        let for_input = sums((rows, inputs, outputs), |row, input, index| {
            gradient[row * outputs + index] * weight[index * inputs + input]
        });
        let for_weight = sums((outputs, inputs, rows), |output, column, row| {
            gradient[row * outputs + output] * input[row * inputs + column]
        });
        for (kernel, outer) in all_kernels().into_iter().zip(all_outer_kernels()) {
            let what = format!("{} {layer:?}", kernel.name);
            let found = layer.forward_with(kernel, &input, &weight, &bias);
            assert_close(&found, &forward, 5e-5, &what);
            let found = layer.input_gradient_with(kernel, &weight, &gradient);
            assert_close(&found, &for_input, 5e-5, &what);
            let found = layer.weight_gradient_with(outer, &input, &gradient);
            assert_close(&found, &for_weight, 5e-5, &what);
        }
    }
}

#[test]
fn results_are_finished_in_place() {
    for [rows, inputs, outputs] in SHAPES {
        let layer = Linear {
            rows,
            inputs,
            outputs,
        };
        let input = drawn(rows * inputs, 1);
        let (weight, bias) = (drawn(outputs * inputs, 2), drawn(outputs, 3));
        let (residual, scale) = (drawn(rows * outputs, 4), drawn(outputs, 5));
        for kernel in all_kernels() {
            let plain = layer.forward_with(kernel, &input, &weight, &bias);
            let weights = Weights::turned(kernel, &weight, &bias, (outputs, inputs));
            let with = |finish, then| multiply(&weights, kernel, &input, finish, then);
            let each = |change: &dyn Fn(usize, f32) -> f32| -> Vec<f64> {
                let values = plain.iter().enumerate();
                values
                    .map(|(place, value)| f64::from(change(place, *value)))
                    .collect()
            };
            let check = |finish, then, change: &dyn Fn(usize, f32) -> f32| {
                let what = format!("{} {layer:?} {then:?}", kernel.name);
                assert_close(&with(finish, then), &each(change), 1e-6, &what);
            };
            let nothing = Finish::NOTHING;
            check(nothing, Then::Nothing, &|_, x| x);
            check(nothing, Then::Gelu, &|_, x| gelu(x));
            check(nothing, Then::QuickGelu, &|_, x| gated(x, QUICK_GELU));
            let add = Then::AddScaled {
                residual: &residual,
                scale: &scale,
            };
            check(nothing, add, &|place, x| {
                scale[place % outputs] * x + residual[place]
            });
            let finish = Finish {
                residual: Some(&residual),
                relu: true,
            };
            check(finish, Then::Nothing, &|place, x| {
                (x + residual[place]).max(0.0)
            });
        }
    }
}

#[test]
#[ignore = "needs a processor with bf16 products"]
fn forward_in_bf16() {
    for [rows, inputs, outputs] in SHAPES {
        let input: Vec<bf16> = drawn(rows * inputs, 1)
            .into_iter()
            .map(bf16::from_f32)
            .collect();
        let (weight, bias) = (drawn(outputs * inputs, 2), drawn(outputs, 3));
        let weight: Vec<f32> = weight
            .into_iter()
            .map(|x| bf16::from_f32(x).to_f32())
            .collect();
        let weights = Weights::<bf16>::new(&weight, &bias, (outputs, inputs))
            .expect("this processor has bf16 products");
        let found = weights.apply(&input, Finish::NOTHING, Then::Gelu);
        let found: Vec<f32> = found.into_iter().map(bf16::to_f32).collect();
        let expected: Vec<f64> = sums((rows, outputs, inputs), |row, output, index| {
            input[row * inputs + index].to_f32() * weight[output * inputs + index]
        });
        let biases = bias.iter().cycle();
        let expected: Vec<f64> = expected
            .iter()
            .zip(biases)
            .map(|(sum, bias)| f64::from(gelu((sum + f64::from(*bias)) as f32)))
            .collect();
        // Rounded to 8 bits before and after the function.
        let what = format!("{rows} rows of {inputs} to {outputs}");
        assert_close(&found, &expected, 1.0 / 100.0, &what);
        let found = weights.apply_wide(&input, Finish::NOTHING, Then::Gelu);
        assert_close(&found, &expected, 5e-5, &what);
    }
}

#[test]
fn no_rows_give_nothing() {
    let layer = Linear {
        rows: 0,
        inputs: 3,
        outputs: 2,
    };
    assert!(layer.forward(&[], &[1.0; 6], &[1.0; 2]).is_empty());
    assert!(layer.input_gradient(&[1.0; 6], &[]).is_empty());
    assert_eq!(layer.weight_gradient(&[], &[]), [0.0; 6]);
}
