//! Pooling over windows and over whole images.

mod adaptive;
mod average;
mod geometry;
mod maximum;

pub use adaptive::adaptive_average_pool;
pub use average::global_average_pool;
pub use geometry::rounded_up_size;
pub use maximum::{max_pool, max_pool_rounding_up};
