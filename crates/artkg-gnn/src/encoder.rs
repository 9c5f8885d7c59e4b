use std::sync::Arc;

use artkg_graph::{KnowledgeGraph, NetworkEncoder, NetworkOptions};
use artkg_nn::{Initialisation, ParameterStore, Role, Tensor, Var};

use crate::error::Result;
use crate::mean::mixed_means;
use crate::neighbours::Neighbours;

/// The network: vectors of its own for each node, and layers that mix them with those
/// of the neighbours.
pub(crate) struct Encoder {
    neighbours: Arc<Neighbours>,
    /// `[nodes, dimension]`.
    nodes: Var,
    layers: Vec<Layer>,
    /// `[relations, dimension]`, of the product that scores edges (DistMult).
    pub(crate) relations: Var,
}

/// `tanh(own · x + Σ basis · mixed means + bias)`, with `x` itself added.
struct Layer {
    /// `[dimension, dimension]`.
    own: Var,
    /// `[bases * dimension, dimension]`.
    bases: Var,
    /// `[relations, bases]`; fixed at 1 where all relations are one.
    shares: Var,
    /// `[dimension]`.
    bias: Var,
}

impl Encoder {
    pub(crate) fn new(
        graph: &KnowledgeGraph,
        options: &NetworkOptions,
        store: &ParameterStore,
    ) -> Result<Self> {
        let by_relation = options.encoder == NetworkEncoder::Rgcn;
        let neighbours = Neighbours::of_graph(graph, by_relation);
        let width = options.dimension;
        let root = store.root();
        let (bases, shares) = match by_relation {
            true => {
                let bases = options.bases;
                let bound = 1.0 / (bases as f32).sqrt();
                (bases, (Initialisation::Uniform { bound }, Role::Weight))
            }
            false => (1, (Initialisation::Ones, Role::Buffer)),
        };
        let uniform = |inputs: usize| Initialisation::Uniform {
            bound: 1.0 / (inputs as f32).sqrt(),
        };
        let layers = (0..options.layers).map(|number| {
            let layer = root.sub("layers").sub(number);
            let shape = [neighbours.relations, bases];
            Ok(Layer {
                own: layer.parameter("own", &[width, width], uniform(width), Role::Weight)?,
                bases: layer.parameter(
                    "bases",
                    &[bases * width, width],
                    uniform(bases * width),
                    Role::Weight,
                )?,
                shares: layer.parameter("shares", &shape, shares.0, shares.1)?,
                bias: layer.parameter("bias", &[width], Initialisation::Zeros, Role::Bias)?,
            })
        });
        let layers = layers.collect::<Result<_>>()?;
        let shape = [graph.node_count(), width];
        let relations = [graph.relations().len(), width];
        Ok(Self {
            layers,
            nodes: root.parameter("nodes", &shape, uniform(width), Role::Weight)?,
            relations: root.parameter(
                "relations",
                &relations,
                Initialisation::Ones,
                Role::Weight,
            )?,
            neighbours: Arc::new(neighbours),
        })
    }

    /// The vectors of all nodes, `[nodes, dimension]`.
    pub(crate) fn encode(&self) -> Result<Tensor> {
        let mut features = self.nodes.as_tensor().clone();
        for layer in &self.layers {
            let mixed = mixed_means(&features, &layer.shares, &self.neighbours)?;
            let own = features.matmul(&layer.own)?;
            let sum = (own + mixed.matmul(&layer.bases)?)?.broadcast_add(&layer.bias)?;
            features = (features + sum.tanh()?)?;
        }
        Ok(features)
    }
}
