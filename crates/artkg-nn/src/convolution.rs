//! Convolution: the operation, the layer, and the layer with its batch norm
//! folded in.

mod filter_gradient;
mod folded;
mod forward;
mod geometry;
mod input_gradient;
mod layer;
mod operation;
mod product;
mod shape;
mod slivers;
#[cfg(test)]
mod tests;
mod window;
mod winograd;

pub use folded::FoldedConvolution;
pub use layer::Convolution;
pub use operation::{convolution, convolution_relu};
pub(crate) use operation::{images, require_f32};
pub use shape::ConvolutionShape;
pub(crate) use window::Images;
