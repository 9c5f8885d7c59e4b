//! The memory of the process: how much there is in use, and keeping it.

mod count;
mod keep;

pub use count::{CountingAllocator, allocated_bytes, allocated_peak, peak_bytes};
pub use keep::keep_freed_memory;
