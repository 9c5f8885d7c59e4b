//! Losses: scalars to minimise.

mod cosine_margin;
mod cross_entropy;
mod smooth_l1;

pub use cosine_margin::cosine_margin_loss;
pub use cross_entropy::{CrossEntropy, IGNORED, cross_entropy};
pub use smooth_l1::smooth_l1;
