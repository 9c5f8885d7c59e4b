use artkg_corpus::{Corpus, Split};

use super::method::{EmbeddingMethod, EmbeddingProvenance, TextEncoding};
use super::vectors::Embeddings;
use crate::build::BuildOptions;
use crate::error::{Error, Result};
use crate::graph::Provenance;
use crate::node_table::NodeTable;
use crate::schema::ARTWORK_KIND;

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
        let kind = nodes.intern_kind(ARTWORK_KIND)?;
        let mut values = Vec::new();
        for (id, vector) in vectors {
            let node = nodes.insert(kind, id)? as usize;
            if node * dimension != values.len() || vector.len() != dimension {
                return Err(Error::Vector {
                    id: id.to_owned(),
                    numbers: vector.len(),
                    dimension,
                });
            }
            values.extend(vector);
        }
        if nodes.is_empty() {
            return Err(Error::NoTexts {
                corpus: corpus.description.name.clone(),
                splits: chosen.names(),
                texts: encoding.texts,
            });
        }
        let artworks = nodes.len();
        Ok(Self {
            nodes,
            relations: Vec::new(),
            dimension,
            vectors: values,
            relation_vectors: Vec::new(),
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
                    facts: Vec::new(),
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use artkg_corpus::{Artwork, CorpusDescription};

    use super::*;

    fn corpus() -> Corpus {
        Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: vec![Artwork::default(); 5],
            folder: PathBuf::new(),
        }
    }

    fn encoding() -> TextEncoding {
        TextEncoding {
            texts: "title".into(),
            encoder: "minilm".into(),
        }
    }

    #[test]
    fn vectors_of_texts_are_found_like_those_of_nodes_after_a_journey() {
        let chosen = BuildOptions {
            splits: vec![Split::Train, Split::Test],
            unsplit: false,
        };
        let vectors = [("b", vec![1.0, 2.0]), ("a", vec![-3.0, 0.5])];
        let made = Embeddings::from_texts(&corpus(), &chosen, encoding(), 2, vectors).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts.safetensors");
        made.save(&path).unwrap();
        let read = Embeddings::load(&path).unwrap();
        assert_eq!((read.len(), read.dimension()), (2, 2));
        assert_eq!(read.get(ARTWORK_KIND, "a"), Some(&[-3.0, 0.5][..]));
        assert_eq!(read.get(ARTWORK_KIND, "c"), None);
        let provenance = read.provenance();
        assert_eq!(provenance.options, EmbeddingMethod::Texts(encoding()));
        assert_eq!(provenance.graph.left_out, 3);
        assert!(provenance.graph.warnings[0].contains("split test have vectors"));
    }

    #[test]
    fn vectors_that_do_not_fit_are_refused() {
        let refused = |vectors: Vec<(&str, Vec<f32>)>| {
            let chosen = BuildOptions::default();
            Embeddings::from_texts(&corpus(), &chosen, encoding(), 1, vectors)
                .unwrap_err()
                .to_string()
        };
        let message = refused(vec![("a", vec![1.0]), ("a", vec![2.0])]);
        assert!(message.contains("`a` has two vectors"), "{message}");
        let message = refused(vec![("a", vec![1.0, 2.0])]);
        assert!(message.contains("2 numbers instead of 1"), "{message}");
        assert!(refused(vec![]).contains("split train of corpus `test`"));
    }
}
