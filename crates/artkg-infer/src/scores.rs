//! A model's output for examples.

use artkg_model::{ArtModel, Outputs, Predictor, TaskScores};
use artkg_nn::{Context, Tensor};
use artkg_vision::Stage;

use crate::error::Result;
use crate::examples::MASKED;
use crate::inputs::ExampleSet;
use crate::source::Batch;

/// A model that says something of an activation: one that is being trained, or a
/// [`Predictor`].
pub trait Scorer {
    /// The number of its heads.
    fn heads(&self) -> usize;

    /// What it says from the activation at a boundary and the values beside the images.
    ///
    /// # Errors
    /// When a shape does not fit.
    fn outputs(&self, activation: &Tensor, from: Stage, side: Option<&Tensor>) -> Result<Outputs>;
}

impl Scorer for ArtModel {
    fn heads(&self) -> usize {
        self.classifier().attributes().len()
    }

    fn outputs(&self, activation: &Tensor, from: Stage, side: Option<&Tensor>) -> Result<Outputs> {
        Ok(self.forward(activation, from, side, &Context::evaluation())?)
    }
}

impl Scorer for Predictor {
    fn heads(&self) -> usize {
        self.description().vocabularies.len()
    }

    fn outputs(&self, activation: &Tensor, from: Stage, side: Option<&Tensor>) -> Result<Outputs> {
        Ok(Predictor::outputs(self, activation, from, side)?)
    }
}

/// A model's output for a set of examples.
#[derive(Clone, Debug)]
pub struct Scores {
    /// The examples' numbers in their set: those whose image could be used.
    pub examples: Vec<usize>,
    /// One entry a head.
    pub tasks: Vec<TaskScores>,
    /// The features of the backbone, batch by batch, where they are kept.
    pub features: Vec<Tensor>,
    /// The predicted graph embeddings, batch by batch, where they are kept.
    pub projections: Vec<Tensor>,
    keeps_vectors: bool,
}

impl Scores {
    /// Of no examples yet, by a model with so many heads. `keeps_vectors` says whether
    /// features and predicted embeddings are wanted.
    pub fn new(heads: usize, keeps_vectors: bool) -> Self {
        Self {
            examples: Vec::new(),
            tasks: vec![TaskScores::default(); heads],
            features: Vec::new(),
            projections: Vec::new(),
            keeps_vectors,
        }
    }

    /// Adds what `model` says of a batch of `set` from the boundary `from` and the
    /// values beside the images.
    ///
    /// # Errors
    /// When the network fails.
    pub fn add(
        &mut self,
        model: &impl Scorer,
        from: Stage,
        set: &ExampleSet,
        batch: Batch,
        side: Option<&Tensor>,
    ) -> Result<()> {
        if batch.examples.is_empty() {
            return Ok(());
        }
        let outputs = model.outputs(&batch.input, from, side)?;
        for (task, (scores, logits)) in self.tasks.iter_mut().zip(&outputs.logits).enumerate() {
            scores
                .logits
                .extend(logits.flatten_all()?.to_vec1::<f32>()?);
            scores.targets.extend(batch.examples.iter().map(|&example| {
                let target = set.examples[example].targets[task];
                (target != MASKED).then_some(target as usize)
            }));
        }
        self.examples.extend(batch.examples);
        if self.keeps_vectors {
            self.features.push(outputs.features.detach());
            let projection = outputs.projection.iter();
            self.projections.extend(projection.map(Tensor::detach));
        }
        Ok(())
    }
}
