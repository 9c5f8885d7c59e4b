use artkg_art::ArtConfig;
use artkg_corpus::{Corpus, Split};
use artkg_infer::{ModelActivations, ScoreOptions, score_split};
use artkg_measure::davies_bouldin;
use artkg_model::StoredModel;
use artkg_nn::Tensor;
use artkg_session::Session;
use artkg_text::Captions;
use artkg_vocabulary::Attribute;

use crate::asking::{BATCH_SIZE, predictor_with};
use crate::error::Result;
use crate::map::tsne;

use crate::row::Row;

/// Where a model sees the artworks of the test split, on a plane.
#[derive(Clone, Debug)]
pub struct Map {
    /// The row whose first seed is shown.
    pub row: Row,
    /// The space: `features` or `predicted graph embedding`.
    pub space: &'static str,
    /// A place for each artwork.
    pub places: Vec<(f64, f64)>,
    /// The classes of each task.
    pub tasks: Vec<MapTask>,
}

/// The classes of the artworks of a map.
#[derive(Clone, Debug)]
pub struct MapTask {
    /// The attribute.
    pub attribute: Attribute,
    /// The names of the classes.
    pub names: Vec<String>,
    /// The class of each artwork.
    pub classes: Vec<Option<usize>>,
    /// How well the classes separate in the space itself: smaller is better
    /// (Davies and Bouldin, 1979). None with fewer than two classes.
    pub davies_bouldin: Option<f64>,
}

/// Maps of the features of a model and of the graph embeddings that it predicts,
/// where it does. Nothing where the work was stopped, or the split has too few
/// artworks for a map.
///
/// # Errors
/// When the network fails or a value is not finite.
pub(super) fn maps(
    row: Row,
    stored: &StoredModel,
    config: &ArtConfig,
    corpus: &Corpus,
    captions: Option<&Captions>,
    session: &Session,
) -> Result<Vec<Map>> {
    /// Fewer artworks make no map.
    const FEWEST: usize = 10;
    let predictor = predictor_with(stored, captions)?;
    let cache = ModelActivations::new(stored, &config.backbone.cache)?;
    let options = ScoreOptions {
        activations: Some(&cache),
        batch_size: BATCH_SIZE,
        vectors: true,
    };
    let scores = score_split(&predictor, corpus, Split::Test, &options, session)?;
    let Some(scores) = scores.filter(|scores| scores.ids.len() >= FEWEST) else {
        return Ok(Vec::new());
    };
    let features = scores.features.iter();
    let mut spaces: Vec<_> = features.map(|vectors| ("features", vectors)).collect();
    let projections = scores.projections.iter();
    spaces.extend(projections.map(|vectors| ("predicted graph embedding", vectors)));
    spaces
        .into_iter()
        .map(|(space, vectors)| {
            let (values, dimension) = flat(vectors)?;
            let tasks = stored.description.vocabularies.iter().zip(&scores.targets);
            Ok(Map {
                row,
                space,
                places: tsne(&values, dimension, config.training.seed)?,
                tasks: tasks
                    .map(|(vocabulary, classes)| MapTask {
                        attribute: vocabulary.attribute,
                        names: vocabulary.classes.clone(),
                        classes: classes.clone(),
                        davies_bouldin: separation(&values, dimension, classes),
                    })
                    .collect(),
            })
        })
        .collect()
}

fn flat(vectors: &Tensor) -> Result<(Vec<f32>, usize)> {
    Ok((vectors.flatten_all()?.to_vec1()?, vectors.dim(1)?))
}

/// The Davies–Bouldin index of the artworks that have a class.
fn separation(values: &[f32], dimension: usize, classes: &[Option<usize>]) -> Option<f64> {
    let rows = values.chunks_exact(dimension).zip(classes);
    let (known, classes): (Vec<&[f32]>, Vec<usize>) = rows
        .filter_map(|(row, class)| Some((row, (*class)?)))
        .unzip();
    davies_bouldin(&known.concat(), dimension, &classes)
}
