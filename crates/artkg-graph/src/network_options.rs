use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::range::{at_least_one, in_range};

/// How a graph neural network mixes neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkEncoder {
    /// The mean of all neighbours (Hamilton, Ying and Leskovec, NeurIPS 2017).
    GraphSage,
    /// The mean by relation and direction, with weights of each that are mixed from a
    /// few bases (Schlichtkrull and others, ESWC 2018).
    Rgcn,
}

impl NetworkEncoder {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GraphSage => "GraphSAGE",
            Self::Rgcn => "R-GCN",
        }
    }
}

/// How a graph neural network learns vectors of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkOptions {
    /// How neighbours are mixed.
    pub encoder: NetworkEncoder,
    /// The length of the vectors.
    pub dimension: usize,
    /// How many edges away a node's vector looks.
    pub layers: usize,
    /// From how many matrices those of the relations are mixed (R-GCN).
    pub bases: usize,
    /// How often every edge is learnt from.
    pub epochs: usize,
    /// How many edges are drawn for each true one.
    pub negatives: usize,
    /// The number of true edges of a step.
    pub batch: usize,
    /// Adam's learning rate at the start; it falls linearly to zero.
    pub learning_rate: f32,
    /// The strength of decoupled weight decay.
    pub weight_decay: f32,
    /// The seed of everything random.
    pub seed: u64,
}

impl NetworkOptions {
    /// The options that do well on graphs of art with an encoder.
    pub fn of(encoder: NetworkEncoder) -> Self {
        Self {
            encoder,
            dimension: 128,
            layers: 2,
            bases: 4,
            epochs: 20,
            negatives: 8,
            batch: 8192,
            learning_rate: 0.01,
            weight_decay: 0.01,
            seed: 0,
        }
    }

    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`crate::Error::Option`] names the first such option.
    pub fn check(&self) -> Result<()> {
        in_range("dimension", self.dimension, 1, 4096, "use 1 to 4096")?;
        in_range("layers", self.layers, 1, 8, "use 1 to 8")?;
        in_range("bases", self.bases, 1, 64, "use 1 to 64")?;
        at_least_one("epochs", self.epochs)?;
        in_range("negatives", self.negatives, 1, 4096, "use 1 to 4096")?;
        in_range("batch", self.batch, 32, 1 << 20, "use 32 to 1048576")?;
        let message = "use a number above 0 and at most 10";
        in_range("learning rate", self.learning_rate, 1e-9, 10.0, message)?;
        let message = "use a number from 0 to 1000";
        in_range("weight decay", self.weight_decay, 0.0, 1e3, message)
    }
}
