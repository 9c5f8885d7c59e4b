use std::path::Path;

use artkg_corpus::{Corpus, Split};
use artkg_graph::{ARTWORK_KIND, Embeddings};
use artkg_infer::{FrozenPart, Inputs, examples};
use artkg_model::ModelDescription;
use artkg_session::Session;
use artkg_vision::Stage;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::explainer::Explainer;

/// Features that are read together.
const BATCH_SIZE: usize = 256;

/// A training work and how near it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NearWork {
    /// The work's id.
    pub id: String,
    /// The cosine of the angle between its vector and the one asked about.
    pub cosine: f32,
}

/// The `count` training works of a corpus whose features point most nearly where
/// `features` do. Their features are computed once and kept in the folder `cache`.
/// `None` when that was interrupted.
///
/// # Errors
/// When there is no training work with an image, the cache cannot be written, or
/// the network fails.
pub fn nearest_by_features(
    explainer: &Explainer,
    corpus: &Corpus,
    features: &[f32],
    count: usize,
    cache: &Path,
    session: &Session,
) -> Result<Option<Vec<NearWork>>> {
    let description = explainer.description();
    let stored = explainer.model();
    let part = FrozenPart::of(
        stored.model.backbone(),
        &stored.store,
        Stage::Pooled,
        &description.preprocessing,
    )?;
    let inputs = Inputs::of_model(explainer.predictor(), &part, cache);
    let works = examples(corpus, Split::Train, &description.vocabularies);
    let Some([set]) = inputs.open([(works, false)], session)? else {
        return Ok(None);
    };
    if set.examples.is_empty() {
        return Err(Error::NoTrainingWorks {
            corpus: corpus.folder.clone(),
        });
    }
    let mut near = Vec::new();
    for batch in set.batches(BATCH_SIZE) {
        let batch = batch?;
        let rows = batch.input.to_vec2::<f32>()?;
        near.extend(
            batch
                .examples
                .iter()
                .zip(rows)
                .map(|(&index, row)| NearWork {
                    id: set.examples[index].id.clone(),
                    cosine: cosine(features, &row),
                }),
        );
    }
    Ok(Some(nearest(near, count)))
}

/// The works whose node embeddings point most nearly where a model's predicted
/// one, `projection`, does. Node embeddings are standardised as they were for the
/// model's training.
///
/// # Errors
/// When the embeddings have another length than the prediction, or the model is
/// none of knowledge graphs.
pub fn nearest_by_embedding(
    description: &ModelDescription,
    embeddings: &Embeddings,
    projection: &[f32],
    count: usize,
) -> Result<Vec<NearWork>> {
    let standardisation = description.standardisation.ok_or(Error::NoProjection)?;
    if embeddings.dimension() != projection.len() {
        return Err(Error::OtherEmbeddings {
            dimension: embeddings.dimension(),
            predicted: projection.len(),
        });
    }
    let works = embeddings
        .keys()
        .enumerate()
        .filter(|(_, (kind, _))| *kind == ARTWORK_KIND)
        .map(|(node, (_, id))| NearWork {
            id: id.to_owned(),
            cosine: cosine(
                projection,
                &standardisation.apply(embeddings.vector(node as u32)),
            ),
        });
    Ok(nearest(works.collect(), count))
}

/// The nearest, those of equal cosine by their ids.
fn nearest(mut works: Vec<NearWork>, count: usize) -> Vec<NearWork> {
    let order = |left: &NearWork, right: &NearWork| {
        right
            .cosine
            .total_cmp(&left.cosine)
            .then_with(|| left.id.cmp(&right.id))
    };
    works.sort_by(order);
    works.truncate(count);
    works
}

/// The cosine of two vectors; 0 where one of them is zero.
fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y));
        products.sum()
    };
    let lengths = (dot(left, left) * dot(right, right)).sqrt();
    if lengths > 0.0 {
        (dot(left, right) / lengths) as f32
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_first_and_ties_by_id() {
        let work = |id: &str, vector: &[f32]| NearWork {
            id: id.to_owned(),
            cosine: cosine(&[1.0, 1.0], vector),
        };
        let works = vec![
            work("c", &[1.0, 0.0]),
            work("b", &[0.0, 2.0]),
            work("d", &[-1.0, -1.0]),
            work("a", &[3.0, 3.0]),
            work("e", &[0.0, 0.0]),
        ];
        let found = nearest(works, 4);
        let ids: Vec<&str> = found.iter().map(|work| work.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "c", "e"]);
        assert!((found[0].cosine - 1.0).abs() < 1e-6 && found[3].cosine == 0.0);
    }
}
