//! The trainable network engine: layers, losses and optimisers on candle tensors.
//!
//! candle keeps tensors, automatic differentiation, devices and file formats;
//! this crate adds what candle lacks or does slowly, as operations that state
//! their shapes and gradients; the numbers on the CPU come from `artkg-kernels`.
//! Activations are `[batch, height, width, channels]` throughout, filters
//! `[kernel_height * kernel_width * channels_in, channels_out]`; files hold
//! PyTorch's layouts, so weights travel both ways.

#![forbid(unsafe_code)]

mod activation;
mod addition;
mod attention;
mod batch_norm;
mod checks;
mod concatenation;
mod context;
mod convolution;
mod cosine;
mod dense_net;
mod depthwise;
mod device;
mod dropout;
mod error;
mod excitation;
#[cfg(test)]
mod finite_difference;
mod folded_linear;
mod gelu;
mod gradients;
mod grid;
mod initialisation;
mod layer_norm;
mod layer_scale;
mod linear;
mod losses;
mod module;
mod operation;
mod optimiser;
mod parameters;
mod pooling;
mod precision;
pub mod profile;
mod relu;
mod segments;
mod sigmoid_units;
mod star_marginals;
mod stochastic_depth;
mod tape;
mod tensor_fault;
mod tensor_file;
mod tensor_file_fault;
mod tokens;
mod update;
mod values;
mod workers;

pub use artkg_kernels::{
    CountingAllocator, allocated_bytes, allocated_peak, keep_freed_memory, peak_bytes,
    signed_logarithms,
};
pub use candle_core::{DType, Device, Tensor, Var};
pub use tape::{backward, recorded, reshape};

pub use activation::Activation;
pub use addition::add;
pub use attention::attention;
pub use batch_norm::BatchNorm;
pub use concatenation::concatenate_channels;
pub use context::Context;
pub use convolution::{
    Convolution, ConvolutionShape, FoldedConvolution, convolution, convolution_relu,
};
pub use cosine::{cosine_similarity, normalise_rows};
pub use dense_net::{Connection, DenseNet, DenseNetConfig, Normalisation};
pub use depthwise::depthwise_convolution;
pub use device::{find_device, processor};
pub use dropout::{Dropout, dropout};
pub use error::{Error, Result};
pub use excitation::excite;
pub use folded_linear::{Epilogue, FoldedLinear};
pub use gelu::gelu;
pub use gradients::{Gradients, add_gradients, clip_gradient_norm, gradient_norm};
pub use grid::{Resampling, resample_grid_bicubic, resize_grid_bicubic};
pub use initialisation::Initialisation;
pub use layer_norm::{LayerNorm, layer_norm};
pub use layer_scale::add_scaled;
pub use linear::{Linear, linear};
pub use losses::{CrossEntropy, IGNORED, cosine_margin_loss, cross_entropy, smooth_l1};
pub use module::Module;
pub use optimiser::{
    AdaGrad, AdaGradConfig, Adam, AdamConfig, Optimiser, ParameterGroup, RmsProp, RmsPropConfig,
    RuleOptimiser, Sgd, SgdConfig,
};
pub use parameters::{Parameter, ParameterStore, Role, Scope};
pub use pooling::{
    adaptive_average_pool, global_average_pool, max_pool, max_pool_rounding_up, rounded_up_size,
};
pub use precision::Precision;
pub use relu::relu;
pub use segments::{Segments, pad_segments, pool_segments, segment_attention};
pub use sigmoid_units::{quick_gelu, silu, swiglu};
pub use star_marginals::{Star, star_marginals};
pub use stochastic_depth::stochastic_depth;
pub use tensor_fault::TensorFault;
pub use tensor_file::{TensorFile, load_tensors, save_tensors};
pub use tensor_file_fault::{TensorFileFault, Unstorable};
pub use tokens::{add_positions, mean_of_tokens, select_tokens, with_prefix};
pub use workers::on_workers;
