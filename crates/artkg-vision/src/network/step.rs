//! Steps without weights of their own, where a profile can see them.

use artkg_nn::profile::{self, Description};
use artkg_nn::{DType, Tensor};

use super::layer::Layer;
use crate::error::Result;

/// Runs a step, named in profiles by where it stands and what it does.
pub(super) fn step(
    name: &str,
    operation: &str,
    multiply_adds: impl FnOnce(&Tensor) -> u64,
    inputs: &[&Tensor],
    run: impl FnOnce(&[&Tensor]) -> Result<Tensor>,
) -> Result<Tensor> {
    let describe = |output: &Tensor| Description {
        name: name.to_owned(),
        operation: operation.to_owned(),
        multiply_adds: multiply_adds(output),
    };
    profile::layer(describe, inputs, run)
}

/// A step in the list of layers.
pub(super) fn listed(
    name: &str,
    operation: &str,
    output: &[usize],
    parameters: usize,
    multiply_adds: u64,
) -> Layer {
    Layer {
        name: name.to_owned(),
        operation: operation.to_owned(),
        output: output.to_vec(),
        parameters,
        multiply_adds,
    }
}

/// The activation in the type that normalisation and attention compute in; layers
/// for inference may give a shorter one.
pub(super) fn single(activation: &Tensor) -> Result<Tensor> {
    Ok(activation.to_dtype(DType::F32)?)
}
