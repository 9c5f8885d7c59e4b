//! Losses: scalars to minimise.

mod cross_entropy;
mod smooth_l1;

pub use cross_entropy::{IGNORED, cross_entropy};
pub use smooth_l1::smooth_l1;
