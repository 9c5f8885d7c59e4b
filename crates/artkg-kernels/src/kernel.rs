//! Microkernels: tiles of a matrix product that stay in vector registers from
//! their first term to their last.
//!
//! Neither operand on the left is copied into another order: a tile reads each
//! of its rows where it lies, so a convolution needs no im2col, and what comes
//! after it (bias, residual, ReLU) happens before its result leaves the
//! registers. On processors with AVX-512 this runs at the rate of the
//! multipliers for all the shapes of a ResNet.

#![expect(
    clippy::needless_range_loop,
    reason = "tiles are indexed by row and vector, several arrays at a time"
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avx512_bf16;
#[cfg(target_arch = "x86_64")]
mod avx512_bf16_wide;
mod depthwise;
mod detection;
mod dispatch;
mod element;
mod lanes;
mod microkernel;
mod outer;
mod panels;
mod portable;
#[cfg(test)]
mod tests;
mod tile;
mod winograd;

pub(crate) use depthwise::{DepthwiseGradientTile, DepthwiseTile};
pub use detection::has_bf16;
pub(crate) use detection::{
    depthwise_kernel, kernel, kernel_bf16, kernel_bf16_wide, outer_kernel, winograd_kernel,
};
pub(crate) use element::{Element, with_scratch};
pub(crate) use microkernel::{DepthwiseKernel, Kernel, OuterKernel, WinogradKernel};
pub(crate) use outer::{OuterTile, Strip};
pub(crate) use panels::Panels;
pub(crate) use tile::{Epilogue, Run, Tile, for_each_tile};
pub(crate) use winograd::{
    GradientTile, INPUT_SIDE, InputTile, OUTPUT_SIDE, OutputTile, POSITIONS,
    transform_filter_gradient, transform_filters,
};

#[cfg(test)]
pub(crate) use detection::{
    all_depthwise_kernels, all_kernels, all_outer_kernels, all_winograd_kernels,
};
