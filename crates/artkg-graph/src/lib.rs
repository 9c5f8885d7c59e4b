//! The knowledge graph of artworks, its queries and exports, and node2vec embeddings.
//!
//! [`KnowledgeGraph::build`] turns a corpus into a graph as a [`Schema`] says;
//! [`KnowledgeGraph::save`] and [`KnowledgeGraph::load`] keep it in one file.
//! [`node2vec::embed`] gives every node a vector, an [`Embeddings`].

mod audit;
mod build;
mod damage;
mod embeddings;
mod error;
mod exponential;
mod export;
mod extract;
mod facts;
mod file;
mod graph;
mod identities;
mod network_options;
pub mod node2vec;
mod node_table;
mod people;
mod query;
mod range;
mod reconcile;
mod resolve;
mod schema;
mod schema_fault;
mod seeds;
mod statistics;
pub mod triplets;

pub use audit::GraphAudit;
pub use build::BuildOptions;
pub use damage::Damage;
pub use embeddings::{EmbeddingMethod, EmbeddingProvenance, Embeddings, Neighbour, TextEncoding};
pub use error::{Error, FileKind, Result};
pub use export::{DEFAULT_BASE_IRI, ExportFormat};
pub use facts::{Facts, FactsReport, SkippedFact};
pub use file::GRAPH_FORMAT;
pub use graph::{EdgeView, FactsTable, KnowledgeGraph, Provenance};
pub use identities::{Identities, Life, NodeIdentity};
pub use network_options::{NetworkEncoder, NetworkOptions};
pub use node_table::NodeTable;
pub use people::SkippedRow;
pub use query::{NeighbourGroup, Step};
pub use reconcile::{
    Answers, Authority, Reason, Reconciliation, Unsure, is_unsure_table, write_unsure,
};
pub use resolve::{Resolved, may_mean};
pub use schema::{ARTWORK_KIND, AttributeNode, Extract, Fact, FactsOf, Link, Schema, Technique};
pub use schema_fault::SchemaFault;
pub use statistics::{Count, Degrees, Statistics};
