//! Graph neural networks over the knowledge graph: a node's vector is computed from
//! those of its neighbours, so that what a graph says two steps away (a teacher's
//! movement, say) reaches it.
//!
//! [`embed`] trains one, GraphSAGE (Hamilton, Ying and Leskovec, NeurIPS 2017) or R-GCN
//! (Schlichtkrull and others, ESWC 2018), to tell the graph's edges from drawn ones.

mod encoder;
mod error;
mod mean;
mod negatives;
mod neighbours;
mod training;

pub use error::{Error, Result};
pub use training::{Progress, embed};
