use std::path::Path;

use artkg_corpus::{Corpus, Split};
use artkg_graph::Embeddings;
use artkg_image::View;
use artkg_infer::{OnFailure, Opening, examples};
use artkg_model::{ModelDescription, StoredModel};
use artkg_train::StopFlag;
use artkg_vision::Stage;
use serde::Serialize;

use crate::error::{Error, Result};

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

/// How the features of the training works are found.
pub struct NeighbourOptions<'a> {
    /// How many works are told.
    pub count: usize,
    /// The folder where features are kept.
    pub cache: &'a Path,
    /// Threads that decode images.
    pub threads: usize,
    /// Ends the work early.
    pub stop: &'a StopFlag,
    /// Receives the number of images run through the network: done, total.
    pub on_extraction: &'a mut dyn FnMut(usize, usize),
    /// Receives images that cannot be used, once each.
    pub on_failure: OnFailure,
}

/// The training works of a corpus whose features point most nearly where
/// `features` do. Their features are computed once and kept in the cache. `None`
/// when that was interrupted.
///
/// # Errors
/// When there is no training work with an image, the cache cannot be written, or
/// the network fails.
pub fn nearest_by_features(
    stored: &StoredModel,
    corpus: &Corpus,
    features: &[f32],
    options: NeighbourOptions<'_>,
) -> Result<Option<Vec<NearWork>>> {
    let description = &stored.description;
    let opening = Opening {
        preprocessing: &description.preprocessing,
        cache: options.cache,
        threads: options.threads,
        stop: options.stop,
        on_failure: &options.on_failure,
    };
    let inputs = opening.inputs(stored.model.backbone(), &stored.store, Stage::Pooled);
    let works = examples(corpus, Split::Train, &description.vocabularies);
    let Some([set]) = inputs.open([(works, false)], options.on_extraction)? else {
        return Ok(None);
    };
    if set.examples.is_empty() {
        return Err(Error::Usage(format!(
            "{} has no training works with images to compare with",
            corpus.folder.display()
        )));
    }
    let views: Vec<(usize, View)> = (0..set.examples.len())
        .map(|index| (index, View::Evaluate))
        .collect();
    let mut near = Vec::new();
    for batch in set.source.batches(&set.examples, &views, BATCH_SIZE) {
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
    Ok(Some(nearest(near, options.count)))
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
    let standardisation = description.standardisation.ok_or_else(|| {
        Error::Usage(
            "the model predicts no graph embedding: it was not trained with one".to_owned(),
        )
    })?;
    if embeddings.dimension() != projection.len() {
        return Err(Error::Usage(format!(
            "the embeddings have {} dimensions, the model predicts {}; pass those that it was \
             trained with",
            embeddings.dimension(),
            projection.len()
        )));
    }
    let works = embeddings
        .keys()
        .enumerate()
        .filter(|(_, (kind, _))| *kind == "artwork")
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
