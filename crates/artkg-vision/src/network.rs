//! The networks' common form: stages of parts over units.

mod auxiliary;
mod inception;
pub(crate) mod layer;
mod part;
mod pool;
mod residual;
mod staged;
mod unit;

pub(crate) use auxiliary::AuxiliaryClassifier;
pub(crate) use inception::Inception;
pub(crate) use part::Part;
pub(crate) use pool::{Pool, PoolKind};
pub(crate) use residual::{Gate, Residual};
pub(crate) use staged::Network;
pub(crate) use unit::{FoldedUnit, Norm, TrainablePass, TrainableUnit, Unit};
