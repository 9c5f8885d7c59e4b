use artkg_corpus::{Corpus, Split};
use artkg_model::Predictor;
use artkg_nn::Tensor;
use artkg_session::{Activity, Session};
use artkg_vision::Stage;

use crate::error::{Error, Result};
use crate::examples::examples;
use crate::inputs::{ExampleSet, Inputs};
use crate::model_activations::ModelActivations;
use crate::scores::Scores;

/// A model's output for a split, and why.
#[derive(Clone, Debug)]
pub struct SplitScores {
    /// The artworks whose image could be used.
    pub ids: Vec<String>,
    /// For each task the logits `[artworks, classes]`, row by row.
    pub logits: Vec<Vec<f32>>,
    /// For each task the class of each artwork; `None` for a missing value.
    pub targets: Vec<Vec<Option<usize>>>,
    /// The features of the backbone `[artworks, features]`, where they were asked for.
    pub features: Option<Tensor>,
    /// The predicted graph embeddings `[artworks, width]` of knowledge graph models, where
    /// they were asked for.
    pub projections: Option<Tensor>,
    /// A sentence for each image that could not be used.
    pub failures: Vec<String>,
}

/// How a split is scored.
#[derive(Clone, Copy, Debug)]
pub struct ScoreOptions<'a> {
    /// Where activations of the frozen part are kept: much faster than images when several
    /// models share them or one is asked again. Images, when not given.
    pub activations: Option<&'a ModelActivations>,
    /// Images that go through the network together.
    pub batch_size: usize,
    /// Whether features and predicted embeddings are kept: some kilobytes an artwork.
    pub vectors: bool,
}

/// Runs a model over a split. `None` when that was interrupted.
///
/// # Errors
/// When the split has no images that can be used, activations cannot be written, the
/// model reads captions and has none, or the network fails.
pub fn score_split(
    predictor: &Predictor,
    corpus: &Corpus,
    split: Split,
    options: &ScoreOptions<'_>,
    session: &Session,
) -> Result<Option<SplitScores>> {
    let description = predictor.description();
    let examples = examples(corpus, split, &description.vocabularies);
    // Now, and not after hours of extraction.
    predictor.captions()?;
    let opinions = match options.activations {
        Some(activations) if !predictor.attributes().is_empty() => {
            match activations.opinions(predictor, &examples, session)? {
                Some(opinions) => Some(opinions),
                None => return Ok(None),
            }
        }
        _ => None,
    };
    let (from, set) = match options.activations {
        None => {
            let set = ExampleSet::images(examples, &description.preprocessing, session);
            (Stage::Input, set)
        }
        Some(activations) => {
            let inputs = Inputs::of_model(predictor, &activations.part, &activations.folder);
            let Some([set]) = inputs.open([(examples, false)], session)? else {
                return Ok(None);
            };
            (activations.part.stage, set)
        }
    };
    let mut scores = Scores::new(description.vocabularies.len(), options.vectors);
    let (mut done, total) = (0, set.examples.len());
    session.advance(Activity::Scoring, done, total);
    for batch in set.batches(options.batch_size) {
        let batch = batch?;
        done += batch.examples.len();
        let side = match &opinions {
            Some(_) => batch.side(&set.examples, opinions.as_ref())?,
            None => predictor.side(&batch.input, &batch.ids(&set.examples))?,
        };
        scores.add(predictor, from, &set, batch, side.as_ref())?;
        let behind = done + set.source.failures().len();
        session.advance(Activity::Scoring, behind, total);
        if session.is_stopped() && behind < total {
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
        features: joined(&scores.features)?,
        projections: joined(&scores.projections)?,
        failures: set.failures(),
    }))
}

/// Batches one below the other; `None` where there is none.
fn joined(batches: &[Tensor]) -> Result<Option<Tensor>> {
    Ok(match batches {
        [] => None,
        batches => Some(Tensor::cat(batches, 0)?),
    })
}
