use artkg_nn::Tensor;

use super::convnext::ConvNext;
use super::inception::Inception;
use super::layer::Layer;
use super::layer_norm::LayerNorm;
use super::patch_embedding::PatchEmbedding;
use super::pool::Pool;
use super::residual::Residual;
use super::token_pool::TokenPool;
use super::transformer::Transformer;
use super::unit::{Finish, Unit};
use crate::error::Result;

/// A step on the way through a network.
#[derive(Debug)]
pub(crate) enum Part<U> {
    /// A layer with weights, then ReLU.
    Unit(U),
    /// A layer with weights and nothing behind it.
    Plain(U),
    /// A layer norm.
    Norm(LayerNorm),
    /// A pooling layer.
    Pool(Pool),
    /// A residual block.
    Residual(Residual<U>),
    /// An inception module.
    Inception(Inception<U>),
    /// A block of a ConvNeXt.
    ConvNext(ConvNext<U>),
    /// Images to tokens.
    Patches(PatchEmbedding<U>),
    /// A block of a transformer.
    Transformer(Transformer<U>),
    /// Tokens to features.
    Tokens(TokenPool<U>),
    /// Dropout of this rate, in training.
    Dropout(f32),
    /// Where an auxiliary classifier begins, in training.
    Tap,
}

impl<U: Unit> Part<U> {
    pub(crate) fn forward(&self, input: Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        match self {
            Self::Unit(unit) => unit.forward(&input, Finish::Relu, pass),
            Self::Plain(unit) => unit.forward(&input, Finish::None, pass),
            Self::Norm(norm) => Ok(U::settled(norm.forward(&input)?, pass)),
            Self::Pool(pool) => pool.forward(&input),
            Self::Residual(block) => block.forward(&input, pass),
            Self::Inception(module) => module.forward(&input, pass),
            Self::ConvNext(block) => block.forward(&input, pass),
            Self::Patches(embedding) => embedding.forward(&input, pass),
            Self::Transformer(block) => block.forward(&input, pass),
            Self::Tokens(pool) => pool.forward(&input, pass),
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
            Self::Plain(unit) => Part::Plain(convert(unit)?),
            Self::Norm(norm) => Part::Norm(norm.copy()?),
            Self::Pool(pool) => Part::Pool(pool.clone()),
            Self::Residual(block) => Part::Residual(block.map(convert)?),
            Self::Inception(module) => Part::Inception(module.map(convert)?),
            Self::ConvNext(block) => Part::ConvNext(block.map(convert)?),
            Self::Patches(embedding) => Part::Patches(embedding.map(convert)?),
            Self::Transformer(block) => Part::Transformer(block.map(convert)?),
            Self::Tokens(pool) => Part::Tokens(pool.map(convert)?),
            Self::Dropout(rate) => Part::Dropout(*rate),
            Self::Tap => Part::Tap,
        })
    }

    /// Appends the part's layers at an input of `shape`, without the batch;
    /// gives the shape of its output.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        let layer = match self {
            Self::Unit(unit) | Self::Plain(unit) => unit.specification().layer(shape)?,
            Self::Norm(norm) => norm.layer(shape),
            Self::Pool(pool) => pool.layer(shape)?,
            Self::Residual(block) => return block.trace(shape, layers),
            Self::Inception(module) => return module.trace(shape, layers),
            Self::ConvNext(block) => return block.trace(shape, layers),
            Self::Patches(embedding) => return embedding.trace(shape, layers),
            Self::Transformer(block) => return block.trace(shape, layers),
            Self::Tokens(pool) => return pool.trace(shape, layers),
            Self::Dropout(_) | Self::Tap => return Ok(shape.to_vec()),
        };
        let output = layer.output.clone();
        layers.push(layer);
        Ok(output)
    }

    /// Layers with weights on the longest way through, shortcuts, gates and norms left
    /// out: what the papers count. Transformers and ConvNeXts count blocks.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Unit(_) | Self::ConvNext(_) | Self::Transformer(_) => 1,
            Self::Residual(block) => block.units.len(),
            Self::Inception(module) => module.depth(),
            _ => 0,
        }
    }

    /// Whether a parameter belongs to this part.
    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let owns = |unit: &U| unit.specification().owns(parameter);
        match self {
            Self::Unit(unit) | Self::Plain(unit) => owns(unit),
            Self::Norm(norm) => norm.owns(parameter),
            Self::Residual(block) => block.units().any(owns),
            Self::Inception(module) => module.units().any(owns),
            Self::ConvNext(block) => block.owns(parameter),
            Self::Patches(embedding) => embedding.owns(parameter),
            Self::Transformer(block) => block.owns(parameter),
            Self::Tokens(pool) => pool.owns(parameter),
            Self::Pool(_) | Self::Dropout(_) | Self::Tap => false,
        }
    }
}
