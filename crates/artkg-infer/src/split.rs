use std::path::{Path, PathBuf};

use artkg_corpus::{Corpus, Split};
use artkg_model::{Predictor, SideDescription, SideValues, StoredModel};
use artkg_nn::Tensor;
use artkg_session::{Activity, Session};
use artkg_vision::Stage;

use crate::attributes::attribute_values;
use crate::error::{Error, Result};
use crate::examples::{Example, examples};
use crate::frozen_part::FrozenPart;
use crate::inputs::{ExampleSet, Inputs};
use crate::scores::Scores;

/// Where the activations of a model's frozen part are kept, and those of the
/// classifiers that it learned from.
#[derive(Clone, Debug)]
pub struct ModelCache {
    folder: PathBuf,
    part: FrozenPart,
    attributes: Vec<FrozenPart>,
}

impl ModelCache {
    /// Activations of `stored` in `folder`.
    ///
    /// # Errors
    /// When images are too small for the network.
    pub fn new(stored: &StoredModel, folder: &Path) -> Result<Self> {
        let attributes = stored.attributes.iter().map(FrozenPart::of_model);
        Ok(Self {
            folder: folder.to_path_buf(),
            part: FrozenPart::of_model(stored)?,
            attributes: attributes.collect::<Result<_>>()?,
        })
    }

    /// What the classifiers of `predictor` see beside the images of `examples`, where
    /// they see something. `None` when that was interrupted.
    fn side(
        &self,
        predictor: &Predictor,
        examples: &[Example],
        session: &Session,
    ) -> Result<Option<Option<SideValues>>> {
        match (&predictor.description().side, predictor.captions()) {
            (None, _) => Ok(Some(None)),
            (Some(SideDescription::Attributes(_)), _) => {
                let classifiers = predictor.attributes();
                let parts = &self.attributes;
                let values = attribute_values(classifiers, parts, examples, &self.folder, session)?;
                Ok(values.map(Some))
            }
            (Some(SideDescription::Captions { .. }), Some(captions)) => {
                Ok(Some(Some(captions.clone())))
            }
            (Some(SideDescription::Captions { captioner, .. }), None) => {
                Err(Error::Model(artkg_model::Error::NeedsCaptions {
                    captioner: captioner.clone(),
                }))
            }
        }
    }
}

/// A model's output for a split, and why.
#[derive(Clone, Debug)]
pub struct SplitScores {
    /// The artworks whose image could be used.
    pub ids: Vec<String>,
    /// For each task the logits `[artworks, classes]`, row by row.
    pub logits: Vec<Vec<f32>>,
    /// For each task the class of each artwork; `None` for a missing value.
    pub targets: Vec<Vec<Option<usize>>>,
    /// The features of the backbone `[artworks, features]`.
    pub features: Tensor,
    /// The predicted graph embeddings `[artworks, width]` of knowledge graph models.
    pub projections: Option<Tensor>,
    /// A sentence for each image that could not be used.
    pub failures: Vec<String>,
}

/// Runs a model over a split, `batch_size` images together: from the images, or with a
/// `cache` from the activations of its frozen part, which is much faster when several
/// models share it or one is asked again. `None` when that was interrupted.
///
/// # Errors
/// When the split has no images that can be used, the cache cannot be written, the model
/// reads captions and has none, or the network fails.
pub fn score_split(
    predictor: &Predictor,
    corpus: &Corpus,
    split: Split,
    cache: Option<&ModelCache>,
    batch_size: usize,
    session: &Session,
) -> Result<Option<SplitScores>> {
    let description = predictor.description();
    let examples = examples(corpus, split, &description.vocabularies);
    // From images there is nothing to cache where nothing is frozen.
    let cache = cache.filter(|cache| cache.part.stage != Stage::Input);
    let (from, set, known_side) = match cache {
        None => {
            let set = ExampleSet::images(examples, &description.preprocessing, session);
            (Stage::Input, set, None)
        }
        Some(cache) => {
            let Some(side) = cache.side(predictor, &examples, session)? else {
                return Ok(None);
            };
            let inputs = Inputs::of_model(predictor, &cache.part, &cache.folder);
            let Some([set]) = inputs.open([(examples, false)], session)? else {
                return Ok(None);
            };
            (cache.part.stage, set, Some(side))
        }
    };
    let mut scores = Scores::new(description.vocabularies.len());
    let (mut done, total) = (0, set.examples.len());
    session.advance(Activity::Scoring, done, total);
    for batch in set.batches(batch_size) {
        let batch = batch?;
        done += batch.examples.len();
        let side = match &known_side {
            Some(values) => batch.side(&set.examples, values.as_ref())?,
            None => predictor.side(&batch.input, &batch.ids(&set.examples))?,
        };
        scores.add(predictor, from, &set, batch, side.as_ref())?;
        session.advance(Activity::Scoring, done + set.source.failures().len(), total);
        if session.is_stopped() && done < total {
            return Ok(None);
        }
    }
    if scores.examples.is_empty() {
        return Err(Error::NoImages {
            corpus: corpus.folder.clone(),
            split,
        });
    }
    let ids = scores.examples.iter();
    let (logits, targets) = scores
        .tasks
        .into_iter()
        .map(|task| (task.logits, task.targets))
        .unzip();
    Ok(Some(SplitScores {
        ids: ids.map(|&index| set.examples[index].id.clone()).collect(),
        logits,
        targets,
        features: Tensor::cat(&scores.features, 0)?,
        projections: match scores.projections.is_empty() {
            true => None,
            false => Some(Tensor::cat(&scores.projections, 0)?),
        },
        failures: set.failures(),
    }))
}
