use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::Provenance;
use crate::network_options::NetworkOptions;
use crate::node2vec::options::Node2VecOptions;
use crate::triplets::options::TripletOptions;

/// How texts about artworks became vectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextEncoding {
    /// The texts: columns of the corpus, or captions and what made them.
    pub texts: String,
    /// What made vectors of them.
    pub encoder: String,
}

/// How vectors were made, with its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EmbeddingMethod {
    /// Random walks and skip-gram.
    Node2Vec(Node2VecOptions),
    /// A triplet model.
    Triplets(TripletOptions),
    /// A graph neural network.
    Network(NetworkOptions),
    /// Texts about artworks.
    Texts(TextEncoding),
}

impl EmbeddingMethod {
    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`crate::Error::Option`] names the first such option.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Node2Vec(options) => options.check(),
            Self::Triplets(options) => options.check(),
            Self::Network(options) => options.check(),
            Self::Texts(_) => Ok(()),
        }
    }
}

/// How vectors were made; stored in their file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingProvenance {
    /// The graph that was embedded.
    pub graph: Provenance,
    /// How.
    pub options: EmbeddingMethod,
}
