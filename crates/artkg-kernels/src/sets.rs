//! Operations on batches of sets of any size.

mod attention;
mod padding;
mod pooling;

pub use attention::Attention;
pub use padding::{pad, pad_gradient};
pub use pooling::{pool, pool_gradient};
