//! Pooling over windows of images.

mod adaptive;
mod average;
mod maximum;

pub use adaptive::{adaptive_average, adaptive_average_gradient};
pub use average::{average, average_gradient};
pub use maximum::{largest, largest_gradient, largest_with_positions};
