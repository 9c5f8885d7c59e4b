//! node2vec: a vector for every node, from random walks and skip-gram.
//!
//! A. Grover and J. Leskovec, "node2vec: scalable feature learning for
//! networks", KDD 2016. Walks are drawn while training, never stored, so memory
//! is linear in nodes and edges whatever p and q are.

mod adjacency;
mod alias;
mod buffer;
mod kernel;
pub(crate) mod options;
mod shared_matrix;
mod trainer;
mod training;
mod walks;
mod walks_file;

pub use adjacency::Adjacency;
pub use options::{Node2VecOptions, WalkOptions};
pub use training::{Progress, embed};
pub use walks_file::{is_walks_file, write_walks};

#[cfg(test)]
mod tests;
