use std::path::Path;

use artkg_corpus::{Corpus, Split};
use artkg_model::{SideDescription, StoredModel, caption_values};
use artkg_nn::Tensor;
use artkg_text::Captions;
use artkg_train::StopFlag;

use crate::attributes::attribute_values;
use crate::error::{Error, Result};
use crate::examples::examples;
use crate::inputs::Opening;
use crate::scores::scores;
use crate::source::OnFailure;

/// Examples that go through the network together.
const BATCH_SIZE: usize = 32;

/// How a model is run over a split of a corpus.
pub struct SplitOptions<'a> {
    /// The folder for activations of frozen parts.
    pub cache: &'a Path,
    /// The captions of the artworks, for a model that reads them.
    pub captions: Option<&'a Captions>,
    /// Threads that decode images.
    pub threads: usize,
    /// Ends the work early.
    pub stop: &'a StopFlag,
    /// Receives the number of images run through a frozen part: done, total.
    pub on_extraction: &'a mut dyn FnMut(usize, usize),
    /// Receives images that cannot be used, once each.
    pub on_failure: OnFailure,
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
}

/// Runs a model over a split, from cached activations of its frozen part where
/// there is one: much faster than from images when several models share it.
/// `None` when that was interrupted.
///
/// # Errors
/// When the split has no images, the cache cannot be written, captions are
/// needed and not there, or the network fails.
pub fn score_split(
    stored: &StoredModel,
    corpus: &Corpus,
    split: Split,
    options: SplitOptions<'_>,
) -> Result<Option<SplitScores>> {
    let description = &stored.description;
    let examples = examples(corpus, split, &description.vocabularies);
    let opening = Opening {
        preprocessing: &description.preprocessing,
        cache: options.cache,
        threads: options.threads,
        stop: options.stop,
        on_failure: &options.on_failure,
    };
    let side = match (&description.side, options.captions) {
        (None, _) => None,
        (Some(SideDescription::Attributes(_)), _) => {
            let classifiers = &stored.attributes;
            let values = attribute_values(classifiers, &examples, &opening, options.on_extraction)?;
            if values.is_none() {
                return Ok(None);
            }
            values
        }
        (Some(SideDescription::Captions { vocabulary, .. }), Some(captions)) => {
            Some(caption_values(captions, vocabulary))
        }
        (Some(SideDescription::Captions { captioner, .. }), None) => {
            return Err(Error::Usage(format!(
                "this model reads captions made by {captioner}; pass those of the corpus"
            )));
        }
    };
    let inputs = opening.inputs_of(stored);
    let Some([set]) = inputs.open([(examples, false)], options.on_extraction)? else {
        return Ok(None);
    };
    if set.examples.is_empty() {
        return Err(Error::Usage(format!(
            "the {split} split of {} has no images that can be used",
            corpus.folder.display()
        )));
    }
    let frozen = description.frozen;
    let scores = scores(&stored.model, frozen, &set, side.as_ref(), BATCH_SIZE)?;
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
    }))
}
