//! The networks' common form: stages of parts over units.

mod auxiliary;
mod convnext;
mod inception;
pub(crate) mod layer;
mod layer_norm;
mod part;
mod patch_embedding;
mod pool;
mod residual;
mod staged;
mod step;
mod table;
mod token_pool;
mod transformer;
mod unit;

pub(crate) use auxiliary::AuxiliaryClassifier;
pub(crate) use convnext::{ConvNext, Depthwise};
pub(crate) use inception::Inception;
pub(crate) use layer_norm::LayerNorm;
pub(crate) use part::Part;
pub(crate) use patch_embedding::PatchEmbedding;
pub(crate) use pool::{Pool, PoolKind};
pub(crate) use residual::{Gate, Residual};
pub(crate) use staged::Network;
pub(crate) use table::Table;
pub(crate) use token_pool::{AttentionPool, TokenPool, TokenPoolKind};
pub(crate) use transformer::{Attention, Perceptron, Transformer};
pub(crate) use unit::{Finish, FoldedUnit, Norm, TrainablePass, TrainableUnit, Unit};
