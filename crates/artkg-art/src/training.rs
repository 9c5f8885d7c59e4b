//! What the training loop needs to know about paintings.

use artkg_corpus::Vocabulary;
use artkg_image::View;
use artkg_nn::{
    Context, DType, Device, ParameterStore, Tensor, cross_entropy, derive_seed, smooth_l1,
};
use artkg_train::{Batches, BoxError, Loss, Metrics, ParameterGroup, Trainable};
use artkg_vision::Stage;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;

use crate::evaluation::{TaskMetrics, mean_accuracy};
use crate::model::{is_trained, parameter_groups};
use crate::source::{BATCHES_HELD, Batch, Source};
use crate::{ArtModel, ContextTargets, Example, MASKED, Result};

/// The threshold of the smooth L1 loss (paper, section 4.2).
const SMOOTH_L1_DELTA: f32 = 1.0;

/// Streams of random numbers of a run.
const ORDER_STREAM: u64 = 1;
const AUGMENTATION_STREAM: u64 = 2;

/// A model with the examples it learns from.
pub(crate) struct ArtTraining {
    pub(crate) model: ArtModel,
    pub(crate) store: ParameterStore,
    pub(crate) frozen: Stage,
    pub(crate) vocabularies: Vec<Vocabulary>,
    pub(crate) context: Option<ContextTargets>,
    pub(crate) context_weight: f64,
    pub(crate) label_smoothing: f32,
    pub(crate) train: Split,
    pub(crate) validation: Split,
    pub(crate) batch_size: usize,
    /// Examples that validation runs together: those of a micro-batch.
    pub(crate) validation_size: usize,
    /// The shape of one input of the trained part.
    pub(crate) input_shape: Vec<usize>,
    pub(crate) seed: u64,
    pub(crate) synthetic: bool,
}

/// The examples of a split and where their inputs come from.
pub(crate) struct Split {
    pub(crate) examples: Vec<Example>,
    pub(crate) source: Source,
}

/// The scores of one head beside the truth.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskScores {
    /// `[examples, classes]`, row by row.
    pub(crate) logits: Vec<f32>,
    /// One entry an example; `None` for a missing value.
    pub(crate) targets: Vec<Option<usize>>,
}

impl ArtTraining {
    /// The scores of the validation examples, one entry a head.
    pub(crate) fn validation_scores(&self) -> Result<Vec<TaskScores>> {
        let split = &self.validation;
        let views: Vec<(usize, View)> = (0..split.examples.len())
            .map(|index| (index, View::Evaluate))
            .collect();
        let mut tasks = vec![TaskScores::default(); self.vocabularies.len()];
        for batch in split
            .source
            .batches(&split.examples, &views, self.validation_size)
        {
            let batch = batch?;
            let outputs = self
                .model
                .forward(&batch.input, self.frozen, &Context::evaluation())?;
            for (task, scores) in tasks.iter_mut().enumerate() {
                scores
                    .logits
                    .extend(outputs.logits[task].flatten_all()?.to_vec1::<f32>()?);
                scores.targets.extend(batch.examples.iter().map(|&example| {
                    let target = split.examples[example].targets[task];
                    (target != MASKED).then_some(target as usize)
                }));
            }
        }
        Ok(tasks)
    }

    /// The loss (paper, section 4): the mean cross entropy of the heads, and
    /// for knowledge graph models the regression of the node embedding.
    fn batch_loss(&self, batch: &Batch, context: &Context) -> Result<Loss> {
        let outputs = self.model.forward(&batch.input, self.frozen, context)?;
        let mut parts = Vec::new();
        let mut classification: Option<Tensor> = None;
        let share = 1.0 / self.vocabularies.len() as f64;
        for (task, logits) in outputs.logits.iter().enumerate() {
            let target = |&example: &usize| self.train.examples[example].targets[task];
            let targets: Vec<u32> = batch.examples.iter().map(target).collect();
            let loss = cross_entropy(logits, &targets, self.label_smoothing)?;
            let loss = batch.weigh(loss, |example| target(&example) != MASKED)?;
            let name = self.vocabularies[task].attribute.to_string();
            parts.push((name, f64::from(loss.to_scalar::<f32>()?)));
            let weighted = (loss * share)?;
            classification = Some(match classification {
                Some(sum) => (sum + weighted)?,
                None => weighted,
            });
        }
        // A run has at least one task: its configuration was checked.
        let mut total = classification
            .ok_or_else(|| crate::Error::Usage("there is no task to learn".to_owned()))?;
        if let (Some(projection), Some(context)) = (&outputs.projection, &self.context) {
            let (target, known) = self.context_targets(batch, context)?;
            let loss = smooth_l1(projection, &target, Some(&known), SMOOTH_L1_DELTA)?;
            let is_known = |example: usize| context.get(&self.train.examples[example].id).is_some();
            let loss = batch.weigh(loss, is_known)?;
            parts.push(("graph".to_owned(), f64::from(loss.to_scalar::<f32>()?)));
            total = ((total * (1.0 - self.context_weight))? + (loss * self.context_weight)?)?;
        }
        Ok(Loss {
            total,
            parts,
            examples: batch.examples.len(),
        })
    }

    /// The node embeddings of a batch `[batch, dimension]`, and which of its
    /// rows have one: an artwork without any attribute is not in the graph.
    fn context_targets(
        &self,
        batch: &Batch,
        context: &ContextTargets,
    ) -> Result<(Tensor, Vec<bool>)> {
        let dimension = context.dimension();
        let mut values = Vec::with_capacity(batch.examples.len() * dimension);
        let mut known = Vec::with_capacity(batch.examples.len());
        for &example in &batch.examples {
            let vector = context.get(&self.train.examples[example].id);
            known.push(vector.is_some());
            match vector {
                Some(vector) => values.extend_from_slice(vector),
                None => values.resize(values.len() + dimension, 0.0),
            }
        }
        let shape = (batch.examples.len(), dimension);
        Ok((Tensor::from_vec(values, shape, &Device::Cpu)?, known))
    }
}

impl Trainable for ArtTraining {
    type Batch = Batch;

    fn parameters(&self) -> &ParameterStore {
        &self.store
    }

    fn is_trained(&self, name: &str) -> bool {
        is_trained(name, self.model.backbone(), self.frozen)
    }

    fn parameter_groups(&self) -> Vec<ParameterGroup> {
        parameter_groups(&self.store, self.model.backbone(), self.frozen)
    }

    fn batches_per_epoch(&self) -> usize {
        self.train.examples.len().div_ceil(self.batch_size)
    }

    fn batches(
        &self,
        epoch: usize,
        skip: usize,
    ) -> std::result::Result<Batches<'_, Batch>, BoxError> {
        let epoch_seed = |stream| derive_seed(derive_seed(self.seed, stream), epoch as u64);
        let mut order: Vec<usize> = (0..self.train.examples.len()).collect();
        order.shuffle(&mut Pcg64Mcg::seed_from_u64(epoch_seed(ORDER_STREAM)));
        let augmentation = epoch_seed(AUGMENTATION_STREAM);
        let views: Vec<(usize, View)> = order
            .into_iter()
            .skip(skip * self.batch_size)
            .map(|example| {
                let seed = derive_seed(augmentation, example as u64);
                (example, View::Augment { seed })
            })
            .collect();
        let batches = self
            .train
            .source
            .batches(&self.train.examples, &views, self.batch_size);
        Ok(Box::new(batches.map(|batch| Ok(batch?))))
    }

    fn loss(&self, batch: &Batch, context: &Context) -> std::result::Result<Loss, BoxError> {
        Ok(self.batch_loss(batch, context)?)
    }

    fn split(&self, batch: &Batch, count: usize) -> std::result::Result<Vec<Batch>, BoxError> {
        Ok(batch.split(count)?)
    }

    fn trial(&self, examples: usize) -> std::result::Result<Option<Batch>, BoxError> {
        let known = self.train.examples.len();
        let numbers = (0..examples).map(|example| example % known).collect();
        let mut shape = vec![examples];
        shape.extend(&self.input_shape);
        let input = Tensor::zeros(shape, DType::F32, &Device::Cpu)?;
        Ok(Some(Batch::new(numbers, input)))
    }

    fn reading_bytes(&self) -> u64 {
        let input = self.input_shape.iter().product::<usize>() * DType::F32.size_in_bytes();
        let examples = self.train.examples.len();
        let batch = self.batch_size.min(examples);
        let held = (BATCHES_HELD * batch).min(examples + batch);
        self.train.source.reading_bytes(&self.train.examples) + (input * held) as u64
    }

    fn describe(&self, batch: &Batch) -> String {
        const SHOWN: usize = 4;
        let ids: Vec<&str> = batch
            .examples
            .iter()
            .take(SHOWN)
            .map(|&example| self.train.examples[example].id.as_str())
            .collect();
        let more = match batch.examples.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("artworks {}{more}", ids.join(", "))
    }

    fn validate(&self) -> std::result::Result<Metrics, BoxError> {
        let tasks: Vec<TaskMetrics> = self
            .validation_scores()?
            .iter()
            .zip(&self.vocabularies)
            .map(|(scores, vocabulary)| {
                TaskMetrics::compute(vocabulary, &scores.logits, &scores.targets)
            })
            .collect();
        let mut metrics: Metrics = tasks
            .iter()
            .map(|task| (format!("{}.accuracy", task.attribute), task.accuracy))
            .collect();
        metrics.insert("accuracy".to_owned(), mean_accuracy(&tasks));
        Ok(metrics)
    }

    fn report(&self, page: &mut artkg_report::Page) -> std::result::Result<(), BoxError> {
        if self.synthetic {
            page.note("Synthetic data: these paintings were generated to show how artkg works.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
