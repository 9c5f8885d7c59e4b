use artkg_nn::Tensor;

use super::inception::Inception;
use super::layer::Layer;
use super::pool::Pool;
use super::residual::Residual;
use super::unit::Unit;
use crate::error::Result;

/// A step on the way through a network.
#[derive(Debug)]
pub(crate) enum Part<U> {
    /// A layer with weights, then ReLU.
    Unit(U),
    /// A pooling layer.
    Pool(Pool),
    /// A residual block.
    Residual(Residual<U>),
    /// An inception module.
    Inception(Inception<U>),
    /// Dropout of this rate, in training.
    Dropout(f32),
    /// Where an auxiliary classifier begins, in training.
    Tap,
}

impl<U: Unit> Part<U> {
    pub(crate) fn forward(&self, input: Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        match self {
            Self::Unit(unit) => unit.forward(&input, None, true, pass),
            Self::Pool(pool) => pool.forward(&input),
            Self::Residual(block) => block.forward(&input, pass),
            Self::Inception(module) => module.forward(&input, pass),
            Self::Dropout(rate) => U::dropout(input, *rate, pass),
            Self::Tap => {
                U::tap(&input, pass);
                Ok(input)
            }
        }
    }

    /// The same part with each unit replaced.
    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<Part<V>> {
        Ok(match self {
            Self::Unit(unit) => Part::Unit(convert(unit)?),
            Self::Pool(pool) => Part::Pool(pool.clone()),
            Self::Residual(block) => Part::Residual(block.map(convert)?),
            Self::Inception(module) => Part::Inception(module.map(convert)?),
            Self::Dropout(rate) => Part::Dropout(*rate),
            Self::Tap => Part::Tap,
        })
    }

    /// Appends the part's layers at an input of `shape`, without the batch;
    /// gives the shape of its output.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        let layer = match self {
            Self::Unit(unit) => unit.specification().layer(shape)?,
            Self::Pool(pool) => pool.layer(shape)?,
            Self::Residual(block) => return block.trace(shape, layers),
            Self::Inception(module) => return module.trace(shape, layers),
            Self::Dropout(_) | Self::Tap => return Ok(shape.to_vec()),
        };
        let output = layer.output.clone();
        layers.push(layer);
        Ok(output)
    }

    /// Layers with weights on the longest way through, shortcuts and gates left
    /// out: what the papers count.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Unit(_) => 1,
            Self::Residual(block) => block.units.len(),
            Self::Inception(module) => module.depth(),
            Self::Pool(_) | Self::Dropout(_) | Self::Tap => 0,
        }
    }

    /// Whether a parameter belongs to this part.
    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let owns = |unit: &U| unit.specification().owns(parameter);
        match self {
            Self::Unit(unit) => owns(unit),
            Self::Residual(block) => block.units().any(owns),
            Self::Inception(module) => module.units().any(owns),
            Self::Pool(_) | Self::Dropout(_) | Self::Tap => false,
        }
    }
}
