use std::collections::BTreeMap;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_graph::{ARTWORK_KIND, Embeddings};
use artkg_model::Standardisation;
use artkg_vocabulary::{Attribute, Vocabulary};

use crate::error::{Error, Result};

/// The vocabularies of the tasks, built from training artworks only.
///
/// # Errors
/// When a task is no column of the corpus, or has no class beside the unknown one:
/// nothing to learn.
pub fn vocabularies(
    corpus: &Corpus,
    tasks: &[Attribute],
    minimum_count: usize,
) -> Result<Vec<Vocabulary>> {
    tasks
        .iter()
        .map(|&attribute| {
            let columns = learnable_columns(corpus);
            if !columns.contains(&attribute) {
                return Err(Error::NoColumn {
                    corpus: corpus.folder.clone(),
                    task: attribute,
                    columns: columns.iter().map(Attribute::to_string).collect(),
                });
            }
            let vocabulary = corpus.vocabulary(attribute, minimum_count);
            if vocabulary.is_empty() {
                return Err(Error::NoClass {
                    attribute,
                    minimum_count,
                });
            }
            Ok(vocabulary)
        })
        .collect()
}

/// The columns of a corpus that can be a task, the paper's first.
fn learnable_columns(corpus: &Corpus) -> Vec<Attribute> {
    let columns = corpus.columns();
    let columns = columns.iter().filter_map(|column| column.parse().ok());
    let mut columns: Vec<Attribute> = columns.collect();
    columns.sort_unstable();
    columns
}

/// The node embeddings that the projection of a knowledge graph model learns
/// to predict: one vector for each training artwork that is in the graph.
#[derive(Clone, Debug)]
pub(crate) struct ContextTargets {
    dimension: usize,
    standardisation: Standardisation,
    vectors: BTreeMap<String, Vec<f32>>,
}

impl ContextTargets {
    /// Collects the vectors of the training artworks, shifted to mean zero and
    /// scaled to unit deviation over all of their values.
    ///
    /// The paper leaves the scale of node2vec's vectors as it is; it depends
    /// on the walks and epochs, and with it the weight of the regression beside
    /// the classification. A fixed scale keeps `context_weight` comparable.
    ///
    /// # Errors
    /// When artworks of the validation or test split have vectors, since they
    /// must not be in the graph that a model trains with, or when no training
    /// artwork has one.
    pub(crate) fn collect(corpus: &Corpus, embeddings: &Embeddings) -> Result<Self> {
        let vector = |artwork: &Artwork| embeddings.get(ARTWORK_KIND, &artwork.id);
        for split in [Split::Validation, Split::Test] {
            if let Some(leaked) = corpus
                .split(split)
                .find(|artwork| vector(artwork).is_some())
            {
                return Err(Error::Leak {
                    id: leaked.id.clone(),
                    split,
                });
            }
        }
        let mut vectors: BTreeMap<String, Vec<f32>> = corpus
            .split(Split::Train)
            .filter_map(|artwork| Some((artwork.id.clone(), vector(artwork)?.to_vec())))
            .collect();
        if vectors.is_empty() {
            return Err(Error::OtherEmbeddings);
        }
        let standardisation = Standardisation::of(vectors.values().flatten());
        for vector in vectors.values_mut() {
            *vector = standardisation.apply(vector);
        }
        Ok(Self {
            dimension: embeddings.dimension(),
            standardisation,
            vectors,
        })
    }

    /// Vectors of a test.
    #[cfg(test)]
    pub(crate) fn of(vectors: BTreeMap<String, Vec<f32>>, dimension: usize) -> Self {
        Self {
            dimension,
            standardisation: Standardisation::of(vectors.values().flatten()),
            vectors,
        }
    }

    /// How the embeddings became targets.
    pub(crate) fn standardisation(&self) -> Standardisation {
        self.standardisation
    }

    /// The length of the vectors.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// The vector of an artwork.
    pub(crate) fn get(&self, id: &str) -> Option<&[f32]> {
        self.vectors.get(id).map(Vec::as_slice)
    }
}

/// The nodes of each vocabulary's classes in the space of the targets, `[classes,
/// dimension]` row by row; a row of zeros for a class without a node, such as the
/// unknown one.
pub(crate) fn class_nodes(
    embeddings: &Embeddings,
    standardisation: Standardisation,
    vocabularies: &[Vocabulary],
) -> Vec<Vec<f32>> {
    vocabularies
        .iter()
        .map(|vocabulary| {
            let node = |class: &String| {
                let vector = embeddings.get(vocabulary.attribute.name(), class);
                vector.map_or_else(
                    || vec![0.0; embeddings.dimension()],
                    |vector| standardisation.apply(vector),
                )
            };
            // The first is the unknown class, whatever a node of that name may be.
            let unknown = vec![0.0; embeddings.dimension()];
            let known = vocabulary.classes.iter().skip(1).flat_map(node);
            unknown.into_iter().chain(known).collect()
        })
        .collect()
}
