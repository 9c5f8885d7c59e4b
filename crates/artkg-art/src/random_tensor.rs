use std::ops::Range;

use artkg_nn::{Device, Tensor};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A tensor for tests: numbers of `range`, the same each time.
pub(crate) fn random_tensor(range: Range<f32>, shape: Vec<usize>) -> Tensor {
    let mut generator = Pcg64Mcg::seed_from_u64(1);
    let values = (0..shape.iter().product()).map(|_| generator.random_range(range.clone()));
    Tensor::from_vec(values.collect::<Vec<f32>>(), shape, &Device::Cpu).unwrap()
}
