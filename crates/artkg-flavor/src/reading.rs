//! Events from text files: plain, gzip or zstd, of any size.
//!
//! An event starts with `Axis = ax ay az`; then one line per track,
//! `E px py pz x y z`. Blank lines and comments after `#` are allowed. A
//! malformed line spoils its event, never the events around it.

mod chunks;
mod fault;
mod number;
mod parse;
mod stream;
#[cfg(test)]
mod tests;

pub use chunks::Chunk;
pub use fault::{Fault, FaultReason};
pub use parse::{Parsed, parse};
pub use stream::{FileSummary, for_each_block, read_events};
