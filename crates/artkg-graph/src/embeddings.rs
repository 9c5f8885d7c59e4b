//! Vectors of nodes, their file and their neighbours.

mod file;
mod nearest;
mod texts;
mod word2vec;

use serde::{Deserialize, Serialize};

use crate::graph::{KnowledgeGraph, Provenance};
use crate::node_table::NodeTable;
use crate::node2vec::Node2VecOptions;

pub use file::EMBEDDINGS_FORMAT;
pub use nearest::Neighbour;
pub use texts::TextEncoding;

/// How vectors were made, with its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EmbeddingMethod {
    /// Random walks and skip-gram.
    Node2Vec(Node2VecOptions),
    /// Texts about artworks.
    Texts(TextEncoding),
}

/// How vectors came to be; stored in their file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingProvenance {
    /// The graph that was embedded.
    pub graph: Provenance,
    /// How.
    pub options: EmbeddingMethod,
}

/// A vector for every node of a graph, or for artworks.
#[derive(Clone, Debug)]
pub struct Embeddings {
    nodes: NodeTable,
    dimension: usize,
    vectors: Vec<f32>,
    provenance: EmbeddingProvenance,
}

impl Embeddings {
    /// Vectors, one row of `options.dimension` numbers a node of `graph`.
    pub(crate) fn from_training(
        graph: &KnowledgeGraph,
        options: Node2VecOptions,
        vectors: Vec<f32>,
    ) -> Self {
        Self {
            nodes: graph.nodes().clone(),
            dimension: options.dimension,
            vectors,
            provenance: EmbeddingProvenance {
                graph: graph.provenance().clone(),
                options: EmbeddingMethod::Node2Vec(options),
            },
        }
    }

    /// The number of vectors.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no vector.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The length of each vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The kinds and names of the nodes, in the order of the vectors.
    pub fn nodes(&self) -> &NodeTable {
        &self.nodes
    }

    /// All vectors, one after another: `[len, dimension]`.
    pub fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    /// How the vectors came to be.
    pub fn provenance(&self) -> &EmbeddingProvenance {
        &self.provenance
    }

    /// The kind and name of each vector's node.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.nodes
            .nodes()
            .map(|node| (self.nodes.kind_name(node), self.nodes.name(node)))
    }

    /// The vector of the node of that kind and name.
    pub fn get(&self, kind: &str, name: &str) -> Option<&[f32]> {
        let node = self.nodes.find(self.nodes.find_kind(kind)?, name)?;
        Some(self.vector(node))
    }

    /// The vector of a node by its number.
    pub fn vector(&self, node: u32) -> &[f32] {
        let start = node as usize * self.dimension;
        &self.vectors[start..start + self.dimension]
    }
}
