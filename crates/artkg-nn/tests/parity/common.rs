//! What the tests share.

use std::path::PathBuf;

use artkg_nn::{Device, Tensor, Var, recorded};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A file in `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Repeatable random numbers.
pub(crate) struct Numbers(Pcg64Mcg);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A whole number in `low..=high`.
    pub(crate) fn whole(&mut self, low: usize, high: usize) -> usize {
        low + (self.0.random::<u64>() % (high - low + 1) as u64) as usize
    }

    /// Uniform in `[-1, 1)`.
    pub(crate) fn tensor(&mut self, shape: &[usize]) -> Tensor {
        let values = (0..shape.iter().product())
            .map(|_| 2.0 * self.0.random::<f32>() - 1.0)
            .collect::<Vec<_>>();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Distinct values `gap` apart around zero, none within `gap / 2` of it, in
    /// random order.
    pub(crate) fn spaced(&mut self, shape: &[usize], gap: f32) -> Tensor {
        let count: usize = shape.iter().product();
        let mut values: Vec<f32> = (0..count)
            .map(|i| (i as f32 - (count / 2) as f32 + 0.5) * gap)
            .collect();
        for i in (1..count).rev() {
            values.swap(i, self.whole(0, i));
        }
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }
}

/// All values of a tensor.
pub(crate) fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Fails unless shapes agree and values differ by at most `tolerance` of the
/// largest expected one.
pub(crate) fn assert_close(what: &str, actual: &Tensor, expected: &Tensor, tolerance: f32) {
    assert_eq!(actual.dims(), expected.dims(), "{what}");
    assert_values_close(what, &values(actual), &values(expected), tolerance);
}

/// [`assert_close`] for slices.
pub(crate) fn assert_values_close(what: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-3_f32, |a, b| a.max(b.abs()));
    for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let distance = (actual - expected).abs();
        assert!(
            distance <= tolerance * scale,
            "{what}: value {index} is {actual}, expected {expected}"
        );
    }
}

/// What `compute` gives, recorded on the gradient tape from `input` on.
pub(crate) fn on_tape(input: &Var, compute: impl FnOnce() -> Tensor) -> Tensor {
    recorded::<artkg_nn::Error>(input.as_tensor(), |_| Ok(compute())).unwrap()
}
