//! What the training loop needs to know about paintings.

use artkg_files::seeds::derive_seed;
use artkg_image::View;
use artkg_infer::{BATCHES_HELD, Batch, ExampleSet, Scores};
use artkg_measure::{TaskMetrics, mean_accuracy};
use artkg_model::{ArtModel, SideValues, is_trained};
use artkg_nn::{Context, DType, ParameterStore, Tensor};
use artkg_train::{Batches, BoxError, Loss, Metrics, ParameterGroup, Trainable};
use artkg_vision::Stage;
use artkg_vocabulary::Vocabulary;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::error::Result;
use crate::imbalance::Sampling;
use crate::objective::Objective;
use crate::parameter_groups::parameter_groups;

/// Streams of random numbers of a run.
const ORDER_STREAM: u64 = 1;
const AUGMENTATION_STREAM: u64 = 2;

/// A model with the examples it learns from.
pub(crate) struct ArtTraining {
    pub(crate) model: ArtModel,
    pub(crate) store: ParameterStore,
    pub(crate) frozen: Stage,
    /// How much slower each stage learns than the next.
    pub(crate) layer_decay: f64,
    pub(crate) vocabularies: Vec<Vocabulary>,
    pub(crate) objective: Objective,
    pub(crate) sampling: Sampling,
    /// What the classifiers see beside the images.
    pub(crate) side: Option<SideValues>,
    pub(crate) train: ExampleSet,
    pub(crate) validation: ExampleSet,
    pub(crate) batch_size: usize,
    /// Examples that validation runs together: those of a micro-batch.
    pub(crate) validation_size: usize,
    /// The shape of one input of the trained part.
    pub(crate) input_shape: Vec<usize>,
    pub(crate) seed: u64,
    pub(crate) synthetic: bool,
}

impl ArtTraining {
    /// The scores of the validation examples.
    pub(crate) fn validation_scores(&self) -> Result<Scores> {
        let mut scores = Scores::new(self.vocabularies.len(), false);
        for batch in self.validation.batches(self.validation_size) {
            let batch = batch?;
            let side = batch.side(&self.validation.examples, self.side.as_ref())?;
            scores.add(
                &self.model,
                self.frozen,
                &self.validation,
                batch,
                side.as_ref(),
            )?;
        }
        Ok(scores)
    }

    fn batch_loss(&self, batch: &Batch, context: &Context) -> Result<Loss> {
        let side = batch.side(&self.train.examples, self.side.as_ref())?;
        let outputs = self
            .model
            .forward(&batch.input, self.frozen, side.as_ref(), context)?;
        self.objective.loss(&outputs, batch, &self.train.examples)
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
        let backbone = self.model.backbone();
        parameter_groups(&self.store, backbone, self.frozen, self.layer_decay)
    }

    fn examples(&self) -> Option<usize> {
        Some(self.train.examples.len())
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
        let mut generator = Pcg64Mcg::seed_from_u64(epoch_seed(ORDER_STREAM));
        let classes: Vec<usize> = self.vocabularies.iter().map(Vocabulary::len).collect();
        let order = self
            .sampling
            .order(&self.train.examples, &classes, &mut generator);
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

    fn is_empty(&self, batch: &Batch) -> bool {
        batch.examples.is_empty()
    }

    fn loss(&self, batch: &Batch, context: &Context) -> std::result::Result<Loss, BoxError> {
        Ok(self.batch_loss(batch, context)?)
    }

    fn split(&self, batch: &Batch, count: usize) -> std::result::Result<Vec<Batch>, BoxError> {
        Ok(batch.split(count)?)
    }

    fn blank_batch(&self, examples: usize) -> std::result::Result<Option<Batch>, BoxError> {
        let known = self.train.examples.len();
        let numbers = (0..examples).map(|example| example % known).collect();
        let mut shape = vec![examples];
        shape.extend(&self.input_shape);
        let input = Tensor::zeros(shape, DType::F32, self.store.device())?;
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
            .tasks
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
