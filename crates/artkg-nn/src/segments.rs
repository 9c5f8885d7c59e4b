//! Batches of sets of any size: the rows of all sets behind each other, without
//! padding, and where each set ends.

mod attention;
mod padding;
mod pooling;
mod rows;

pub use artkg_kernels::Segments;
pub use attention::segment_attention;
pub use padding::pad_segments;
pub use pooling::pool_segments;
