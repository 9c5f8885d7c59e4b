//! What the transformer models have in common: their tokenizers, and the building of
//! a network from its weights.

use artkg_nn::{DType, Device};
use artkg_weights::{Hub, ModelSource, TOKENIZER, WeightFile};
use candle_nn::VarBuilder;
use tokenizers::Tokenizer;

use crate::error::{Error, Result};

/// A model's tokenizer, without padding and truncation of its own.
pub(crate) fn tokenizer(source: &ModelSource, hub: &Hub) -> Result<Tokenizer> {
    let path = source.file(TOKENIZER, hub)?;
    let refused = |source| Error::TokenizerFile {
        path: path.clone(),
        source,
    };
    let bytes = artkg_files::read_bytes(&path)?;
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(refused)?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(refused)?;
    Ok(tokenizer)
}

/// Builds a network from its weights, as `f32` on `device`.
pub(crate) fn build<M>(
    weights: WeightFile,
    device: &Device,
    build: impl FnOnce(VarBuilder<'static>) -> candle_core::Result<M>,
) -> Result<M> {
    let parameters = VarBuilder::from_tensors(weights.tensors, DType::F32, device);
    build(parameters).map_err(|source| Error::Weights {
        path: weights.path,
        source: Box::new(source),
    })
}
