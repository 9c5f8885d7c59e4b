//! The trainable network engine: layers, losses and optimisers on candle tensors.
//!
//! candle keeps tensors, automatic differentiation, devices and file formats;
//! this crate adds what candle lacks or does slowly, as custom operations with
//! backward passes. Activations are `[batch, height, width, channels]`
//! throughout, filters `[kernel_height * kernel_width * channels_in,
//! channels_out]`; files hold PyTorch's layouts, so weights travel both ways.

mod context;
mod error;
mod initialisation;
mod module;
mod parameters;

pub use candle_core::backprop::GradStore as Gradients;
pub use candle_core::{DType, Device, Tensor, Var};

pub use context::{Context, derive_seed};
pub use error::{Error, Result};
pub use initialisation::Initialisation;
pub use module::Module;
pub use parameters::{Parameter, ParameterStore, Role, Scope};
