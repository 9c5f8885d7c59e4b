//! The engine's numbers on the CPU: slices in, slices out.
//!
//! Nothing here knows tensors, gradients' tapes or layers. Everything `unsafe` of
//! the engine is here, behind functions that check what they are given: they panic
//! where sizes do not fit. Work is shared between rayon's threads, and no result
//! depends on how many there are, unless its function says so.

pub mod attention;
pub mod batch_norm;
pub mod branch;
mod buffer;
pub mod channels;
pub mod convolution;
pub mod depthwise;
pub mod elementwise;
pub mod excitation;
mod exponential;
pub mod gelu;
mod images;
mod kernel;
pub mod layer_norm;
pub mod linear;
mod logarithm;
mod memory;
pub mod pooling;
mod product;
pub mod relu;
mod segments;
pub mod sets;
mod shared;
pub mod sigmoid;
mod sums;
pub mod tokens;
mod vector;
mod window;

pub use images::Images;
pub use kernel::has_bf16;
pub use logarithm::signed_logarithms;
pub use memory::{
    CountingAllocator, allocated_bytes, allocated_peak, keep_freed_memory, peak_bytes,
};
pub use product::{multiply, transposed_multiply};
pub use segments::Segments;
pub use sums::column_sums;
pub use vector::vectorised;
pub use window::{Geometry, WindowShape};
