//! Batch normalisation (Ioffe and Szegedy, ICML 2015), fused with the residual
//! addition and the ReLU that follow it in residual networks.

mod layer;
mod operation;

pub use layer::BatchNorm;
