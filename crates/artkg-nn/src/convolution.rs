//! Convolution: the operation, the layer, and the layer with its batch norm
//! folded in.

mod folded;
mod layer;
mod operation;
mod shape;

pub use folded::FoldedConvolution;
pub use layer::Convolution;
pub use operation::{convolution, convolution_relu};
pub use shape::ConvolutionShape;
