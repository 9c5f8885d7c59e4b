use super::method::{EmbeddingMethod, EmbeddingProvenance};
use crate::graph::KnowledgeGraph;
use crate::network_options::NetworkOptions;
use crate::node_table::NodeTable;
use crate::node2vec::options::Node2VecOptions;
use crate::triplets::options::TripletOptions;

/// A vector for every node of a graph, or for artworks; of triplet models, for
/// every relation, too.
#[derive(Clone, Debug)]
pub struct Embeddings {
    pub(super) nodes: NodeTable,
    pub(super) relations: Vec<String>,
    pub(super) dimension: usize,
    pub(super) vectors: Vec<f32>,
    pub(super) relation_vectors: Vec<f32>,
    pub(super) provenance: EmbeddingProvenance,
}

impl Embeddings {
    /// The vectors of node2vec, one row of `options.dimension` numbers a node.
    pub(crate) fn from_walks(
        graph: &KnowledgeGraph,
        options: Node2VecOptions,
        vectors: Vec<f32>,
    ) -> Self {
        Self::of_graph(
            graph,
            (EmbeddingMethod::Node2Vec(options), options.dimension),
            (vectors, Vec::new()),
        )
    }

    /// The vectors of a triplet model, one row of `options.dimension` numbers a node
    /// and a relation.
    pub(crate) fn from_triplets(
        graph: &KnowledgeGraph,
        options: TripletOptions,
        vectors: Vec<f32>,
        relation_vectors: Vec<f32>,
    ) -> Self {
        Self::of_graph(
            graph,
            (EmbeddingMethod::Triplets(options), options.dimension),
            (vectors, relation_vectors),
        )
    }

    /// The vectors of a graph neural network, one row of `options.dimension` numbers a
    /// node and a relation; products of these score edges, as DistMult's do.
    pub fn from_network(
        graph: &KnowledgeGraph,
        options: NetworkOptions,
        vectors: Vec<f32>,
        relation_vectors: Vec<f32>,
    ) -> Self {
        Self::of_graph(
            graph,
            (EmbeddingMethod::Network(options), options.dimension),
            (vectors, relation_vectors),
        )
    }

    /// What a method learnt of all nodes of a graph and, if it knows relations, of these,
    /// in vectors of a dimension.
    fn of_graph(
        graph: &KnowledgeGraph,
        (options, dimension): (EmbeddingMethod, usize),
        (vectors, relation_vectors): (Vec<f32>, Vec<f32>),
    ) -> Self {
        let relations = match relation_vectors.is_empty() {
            true => Vec::new(),
            false => graph.relations().to_vec(),
        };
        Self {
            nodes: graph.nodes().clone(),
            relations,
            dimension,
            vectors,
            relation_vectors,
            provenance: EmbeddingProvenance {
                graph: graph.provenance().clone(),
                options,
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

    /// The names of the relations that have vectors, in their order.
    pub fn relations(&self) -> &[String] {
        &self.relations
    }

    /// The relations' vectors, one after another: `[relations, dimension]`. They
    /// enter scores as [`crate::triplets::TripletModel`] says.
    pub fn relation_vectors(&self) -> &[f32] {
        &self.relation_vectors
    }

    /// All nodes' vectors, one after another: `[len, dimension]`.
    pub fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    /// How the vectors were made.
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
