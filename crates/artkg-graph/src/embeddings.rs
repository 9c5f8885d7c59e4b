//! Vectors of nodes, their file and their neighbours.

mod file;
mod method;
mod nearest;
mod texts;
mod vectors;
mod word2vec;

pub use method::{EmbeddingMethod, EmbeddingProvenance, TextEncoding};
pub use nearest::Neighbour;
pub use vectors::Embeddings;
