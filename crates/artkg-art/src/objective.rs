//! What training minimises.

use artkg_infer::{Batch, Example, MASKED};
use artkg_model::Outputs;
use artkg_nn::{
    CrossEntropy, DType, Device, Initialisation, ParameterStore, Role, Tensor, Var, smooth_l1,
};
use artkg_train::Loss;
use artkg_vocabulary::Vocabulary;

use crate::error::Result;
use crate::fault::Fault;
use crate::targets::ContextTargets;
use crate::task_weights::TaskWeights;

/// The threshold of the smooth L1 loss (paper, section 4.2).
const SMOOTH_L1_DELTA: f32 = 1.0;

/// The loss of a run: the weighted cross entropies of the heads, and for
/// knowledge graph models the regression of the node embedding (paper, section
/// 4).
pub(crate) struct Objective {
    tasks: Vec<Task>,
    /// The nodes to predict, and the share of that in the loss.
    context: Option<(ContextTargets, f64)>,
}

struct Task {
    name: String,
    loss: CrossEntropy,
    share: f64,
    /// The `s` of a learned weight, `[1]`.
    uncertainty: Option<Var>,
}

impl Objective {
    /// The loss of heads for `vocabularies`, each with its own of `losses`;
    /// learned weights are created in `store` as `uncertainty.<attribute>`.
    ///
    /// # Errors
    /// When a parameter cannot be created.
    pub(crate) fn new(
        store: &ParameterStore,
        vocabularies: &[Vocabulary],
        losses: Vec<CrossEntropy>,
        weights: &TaskWeights,
        context: Option<(ContextTargets, f64)>,
    ) -> Result<Self> {
        let attributes: Vec<_> = vocabularies.iter().map(|each| each.attribute).collect();
        let tasks = attributes
            .iter()
            .zip(losses)
            .zip(weights.shares(&attributes))
            .map(|((attribute, loss), share)| {
                let scope = store.root().sub("uncertainty");
                let uncertainty = (*weights == TaskWeights::Learned)
                    .then(|| {
                        let (zero, name) = (Initialisation::Zeros, attribute.name());
                        scope.parameter(name, &[1], zero, Role::Bias)
                    })
                    .transpose()?;
                Ok(Task {
                    name: attribute.to_string(),
                    loss,
                    share,
                    uncertainty,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self { tasks, context })
    }

    /// The loss of the model's output for a batch of `examples`.
    pub(crate) fn loss(
        &self,
        outputs: &Outputs,
        batch: &Batch,
        examples: &[Example],
    ) -> Result<Loss> {
        let mut parts = Vec::new();
        let mut terms = Vec::new();
        for (number, (task, logits)) in self.tasks.iter().zip(&outputs.logits).enumerate() {
            let target = |&example: &usize| examples[example].targets[number];
            let targets: Vec<u32> = batch.examples.iter().map(target).collect();
            let loss = task.loss.loss(logits, &targets)?;
            let loss = batch.weigh(loss, |example| {
                let target = target(&example);
                (target != MASKED).then(|| task.class_weight(target))
            })?;
            parts.push((task.name.clone(), f64::from(loss.to_scalar::<f32>()?)));
            terms.push((task.weigh(loss, batch)? * task.share)?);
        }
        let mut terms = terms.into_iter();
        // A run has at least one task: its configuration was checked.
        let first = terms.next().ok_or(Fault::NoTask)?;
        let mut total = terms.try_fold(first, |sum, term| sum + term)?;
        if let (Some(projection), Some((context, share))) = (&outputs.projection, &self.context) {
            let ids: Vec<&str> = batch
                .examples
                .iter()
                .map(|&example| examples[example].id.as_str())
                .collect();
            let (target, known) = node_vectors(context, &ids, projection.device())?;
            let loss = smooth_l1(projection, &target, Some(&known), SMOOTH_L1_DELTA)?;
            let loss = batch.weigh(loss, |example| {
                context.get(&examples[example].id).map(|_| 1.0)
            })?;
            parts.push(("graph".to_owned(), f64::from(loss.to_scalar::<f32>()?)));
            total = ((total * (1.0 - share))? + (loss * *share)?)?;
        }
        Ok(Loss {
            total,
            parts,
            examples: batch.examples.len(),
        })
    }
}

impl Task {
    /// What an example of the class counts in the mean over a batch.
    fn class_weight(&self, class: u32) -> f64 {
        let weights = self.loss.class_weights.as_ref();
        weights.map_or(1.0, |weights| f64::from(weights[class as usize]))
    }

    /// The loss under the task's learned weight, if it has one.
    fn weigh(&self, loss: Tensor, batch: &Batch) -> Result<Tensor> {
        let Some(uncertainty) = &self.uncertainty else {
            return Ok(loss);
        };
        // A part of a batch has its share of the term without the loss.
        let regular = batch.weigh((uncertainty.as_tensor() * 0.5)?, |_| Some(1.0))?;
        let weighted = (uncertainty.neg()?.exp()? * loss.reshape(1)?)?;
        Ok((weighted + regular)?.sum_all()?)
    }
}

/// The node embeddings of artworks `[batch, dimension]`, and which of them have
/// one: an artwork without any attribute is not in the graph.
fn node_vectors(
    context: &ContextTargets,
    ids: &[&str],
    device: &Device,
) -> Result<(Tensor, Vec<bool>)> {
    let dimension = context.dimension();
    let mut values = Vec::with_capacity(ids.len() * dimension);
    let mut known = Vec::with_capacity(ids.len());
    for id in ids {
        let vector = context.get(id);
        known.push(vector.is_some());
        match vector {
            Some(vector) => values.extend_from_slice(vector),
            None => values.resize(values.len() + dimension, 0.0),
        }
    }
    let tensor = Tensor::from_vec(values, (ids.len(), dimension), device)?;
    Ok((tensor.to_dtype(DType::F32)?, known))
}
