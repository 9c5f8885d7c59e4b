//! Comparison of gradients with finite differences, for tests.

use candle_core::{Device, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::error::{Error, Result};
use crate::tape::{backward, recorded};

/// Values in `±scale` that the seed decides.
pub(crate) fn random_values(count: usize, scale: f32, seed: u64) -> Vec<f32> {
    let mut generator = Pcg64Mcg::seed_from_u64(seed);
    (0..count)
        .map(|_| scale * (2.0 * generator.random::<f32>() - 1.0))
        .collect()
}

/// A tensor of values in `±scale` that the seed decides.
pub(crate) fn random_tensor(shape: &[usize], scale: f32, seed: u64) -> Tensor {
    let values = random_values(shape.iter().product(), scale, seed);
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Checks the gradient of `function` in each of its arguments against central
/// differences of a random projection of its result, within `tolerance` of the
/// largest difference quotient.
///
/// # Panics
/// When a gradient is missing or wrong.
pub(crate) fn assert_gradients(
    arguments: &[Tensor],
    tolerance: f64,
    function: impl Fn(&[Tensor]) -> Result<Tensor>,
) {
    const STEP: f32 = 1e-2;
    let variables: Vec<Var> = arguments
        .iter()
        .map(|a| Var::from_tensor(a).unwrap())
        .collect();
    let inputs: Vec<Tensor> = variables.iter().map(|v| v.as_tensor().clone()).collect();
    let output = function(&inputs).unwrap();
    let projection = random_tensor(output.dims(), 1.0, 99);
    let gradients_of = |output: &Tensor| {
        let projected = (output * &projection).unwrap().sum_all().unwrap();
        backward(&projected).unwrap()
    };
    let in_graph = gradients_of(&output);
    // On the tape too, unless the library computes a part of the function.
    let on_tape = match recorded(&inputs[0], |_| function(&inputs)) {
        Ok(output) => Some(gradients_of(&output)),
        Err(Error::NotRecorded(_)) => None,
        Err(error) => panic!("{error}"),
    };

    let weights = projection.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let projected = |arguments: &[Tensor]| -> f64 {
        let output = function(arguments).unwrap().flatten_all().unwrap();
        let pairs = output.to_vec1::<f32>().unwrap().into_iter().zip(&weights);
        pairs
            .map(|(value, weight)| f64::from(value) * f64::from(*weight))
            .sum()
    };
    for (position, argument) in arguments.iter().enumerate() {
        let values = argument.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let moved = |index: usize, step: f32| {
            let mut values = values.clone();
            values[index] += step;
            let mut arguments = arguments.to_vec();
            arguments[position] =
                Tensor::from_vec(values, argument.shape(), argument.device()).unwrap();
            projected(&arguments)
        };
        let quotients: Vec<f64> = (0..values.len())
            .map(|index| {
                let width = f64::from((values[index] + STEP) - (values[index] - STEP));
                (moved(index, STEP) - moved(index, -STEP)) / width
            })
            .collect();
        let largest = quotients
            .iter()
            .fold(1e-3, |largest: f64, q| largest.max(q.abs()));
        for gradients in std::iter::once(&in_graph).chain(&on_tape) {
            let gradient = gradients
                .get(&inputs[position])
                .unwrap_or_else(|| panic!("argument {position} has no gradient"));
            assert_eq!(gradient.dims(), argument.dims());
            let gradient = gradient.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for (index, (gradient, quotient)) in gradient.iter().zip(&quotients).enumerate() {
                assert!(
                    (f64::from(*gradient) - quotient).abs() <= tolerance * largest,
                    "argument {position}, value {index}: gradient {gradient}, difference {quotient}"
                );
            }
        }
    }
}
