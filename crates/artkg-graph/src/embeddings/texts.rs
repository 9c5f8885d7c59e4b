use artkg_corpus::{Corpus, Split};
use serde::{Deserialize, Serialize};

use super::{EmbeddingMethod, EmbeddingProvenance, Embeddings};
use crate::build::BuildOptions;
use crate::error::{Error, Result};
use crate::graph::Provenance;
use crate::node_table::NodeTable;

/// The kind of the nodes: that of artworks in graphs.
const ARTWORK: &str = "artwork";

/// How texts about artworks became vectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextEncoding {
    /// The texts: columns of the corpus, or captions and what made them.
    pub texts: String,
    /// What made vectors of them.
    pub encoder: String,
}

impl Embeddings {
    /// Vectors of artworks' texts, each of `dimension` numbers, by the artworks' ids;
    /// they serve like those of the artworks' nodes in a graph. `chosen` are the
    /// artworks that were to get one.
    ///
    /// # Errors
    /// No vector at all, two of one artwork, or one of another length.
    pub fn from_texts<'a>(
        corpus: &Corpus,
        chosen: &BuildOptions,
        encoding: TextEncoding,
        dimension: usize,
        vectors: impl IntoIterator<Item = (&'a str, Vec<f32>)>,
    ) -> Result<Self> {
        let mut nodes = NodeTable::new();
        let kind = nodes.intern_kind(ARTWORK)?;
        let mut values = Vec::new();
        for (id, vector) in vectors {
            let node = nodes.insert(kind, id)? as usize;
            if node * dimension != values.len() || vector.len() != dimension {
                return Err(Error::Vectors(format!(
                    "artwork `{id}` has two vectors, or one of {} numbers instead of {dimension}",
                    vector.len()
                )));
            }
            values.extend(vector);
        }
        if nodes.is_empty() {
            return Err(Error::NoArtworks(format!(
                "no artwork of the split {} of corpus `{}` has a text to make a vector of ({})",
                chosen.names().join(", "),
                corpus.description.name,
                encoding.texts
            )));
        }
        let artworks = nodes.len();
        Ok(Self {
            nodes,
            dimension,
            vectors: values,
            provenance: EmbeddingProvenance {
                graph: Provenance {
                    artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
                    corpus: corpus.description.name.clone(),
                    synthetic: corpus.description.synthetic,
                    splits: chosen.names(),
                    artworks,
                    left_out: corpus.artworks.len() - artworks,
                    // No graph, no schema.
                    schema_checksum: String::new(),
                    warnings: warnings(chosen),
                },
                options: EmbeddingMethod::Texts(encoding),
            },
        })
    }
}

fn warnings(chosen: &BuildOptions) -> Vec<String> {
    let others = chosen.splits.iter().filter(|&&split| split != Split::Train);
    let others: Vec<&str> = others.map(|split| split.name()).collect();
    if others.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "artworks of the split {} have vectors: training with them as context refuses this file",
        others.join(", ")
    )]
}
