//! A model's output for examples.

use artkg_image::View;
use artkg_nn::{Context, Tensor};
use artkg_vision::Stage;

use artkg_model::{ArtModel, SideValues, TaskScores};

use crate::error::Result;
use crate::examples::MASKED;
use crate::inputs::ExampleSet;

/// A model's output for a set of examples.
#[derive(Clone, Debug)]
pub struct Scores {
    /// The examples' numbers in their set: those whose image could be used.
    pub examples: Vec<usize>,
    /// One entry a head.
    pub tasks: Vec<TaskScores>,
    /// The features of the backbone, batch by batch.
    pub features: Vec<Tensor>,
    /// The predicted graph embeddings, batch by batch.
    pub projections: Vec<Tensor>,
}

/// Runs the part of `model` behind `frozen` over a set, `batch_size` examples
/// together.
///
/// # Errors
/// When an input cannot be read or the network fails.
pub fn scores(
    model: &ArtModel,
    frozen: Stage,
    set: &ExampleSet,
    side: Option<&SideValues>,
    batch_size: usize,
) -> Result<Scores> {
    let views: Vec<(usize, View)> = (0..set.examples.len())
        .map(|index| (index, View::Evaluate))
        .collect();
    let mut scores = Scores {
        examples: Vec::with_capacity(set.examples.len()),
        tasks: vec![TaskScores::default(); model.classifier().attributes().len()],
        features: Vec::new(),
        projections: Vec::new(),
    };
    for batch in set.source.batches(&set.examples, &views, batch_size) {
        let batch = batch?;
        if batch.examples.is_empty() {
            continue;
        }
        let side = batch.side(&set.examples, side)?;
        let context = Context::evaluation();
        let outputs = model.forward(&batch.input, frozen, side.as_ref(), &context)?;
        for (task, (scores, logits)) in scores.tasks.iter_mut().zip(&outputs.logits).enumerate() {
            scores
                .logits
                .extend(logits.flatten_all()?.to_vec1::<f32>()?);
            scores.targets.extend(batch.examples.iter().map(|&example| {
                let target = set.examples[example].targets[task];
                (target != MASKED).then_some(target as usize)
            }));
        }
        scores.examples.extend(batch.examples);
        scores.features.push(outputs.features.detach());
        let projection = outputs.projection.iter();
        scores.projections.extend(projection.map(Tensor::detach));
    }
    Ok(scores)
}
