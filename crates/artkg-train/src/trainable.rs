use std::collections::BTreeMap;

use artkg_nn::{Context, Parameter, ParameterStore, Tensor};
use artkg_report::Page;

use crate::error::BoxError;

/// Validation metrics by name, such as `accuracy` or `author.accuracy`.
pub type Metrics = BTreeMap<String, f64>;

/// The batches of an epoch.
pub type Batches<'a, Batch> = Box<dyn Iterator<Item = Result<Batch, BoxError>> + 'a>;

/// The loss of one batch, or a micro-batch's share of it.
#[derive(Debug)]
pub struct Loss {
    /// What is minimised: a scalar, the mean over the batch. Those of the
    /// micro-batches of a batch add up to it.
    pub total: Tensor,
    /// Its named parts, for the records: `("author", 2.31)`; they add up too.
    pub parts: Vec<(String, f64)>,
    /// Examples in the batch: the weight of this loss in the epoch's mean.
    pub examples: usize,
}

/// Parameters that are trained with the same learning rate.
#[derive(Clone, Debug)]
pub struct ParameterGroup {
    /// The name under which `optimiser.group_rates` sets the rate.
    pub name: String,
    /// The parameters by name.
    pub parameters: Vec<(String, Parameter)>,
    /// A factor on the learning rate beside that of `optimiser.group_rates`; groups of
    /// one name may differ in it.
    pub rate_scale: f64,
}

impl ParameterGroup {
    /// The group of the store's trainable parameters whose name satisfies
    /// `member`.
    pub fn select(
        name: impl Into<String>,
        store: &ParameterStore,
        member: impl Fn(&str) -> bool,
    ) -> Self {
        let mut parameters = store.trainable();
        parameters.retain(|(name, _)| member(name));
        Self {
            name: name.into(),
            parameters,
            rate_scale: 1.0,
        }
    }

    /// The group with this factor on its learning rate.
    #[must_use]
    pub fn with_rate_scale(mut self, scale: f64) -> Self {
        self.rate_scale = scale;
        self
    }
}

/// A model with its data: all that the training loop doesn't know.
///
/// To be resumed exactly, `batches` and `loss` must depend on nothing but the
/// epoch, the batch, the parameters and the context's seeds.
pub trait Trainable {
    /// What one step computes on.
    type Batch;

    /// All parameters and buffers of the model.
    fn parameters(&self) -> &ParameterStore;

    /// Whether training may change the parameter or buffer `name`. Checkpoints
    /// hold those, and a fingerprint of the others, which must be the same when
    /// a run is resumed. By default all are trained.
    fn is_trained(&self, _name: &str) -> bool {
        true
    }

    /// The parameters to train; what is in no group stays as it is. By default
    /// one group, `all`.
    fn parameter_groups(&self) -> Vec<ParameterGroup> {
        vec![ParameterGroup::select("all", self.parameters(), |_| true)]
    }

    /// The number of examples to learn from, where it is known: no batch is larger.
    fn examples(&self) -> Option<usize> {
        None
    }

    /// The number of batches in every epoch, for schedules and progress.
    fn batches_per_epoch(&self) -> usize;

    /// The batches of `epoch` (from 0) without the first `skip`, which should
    /// cost nothing to skip. Their order and contents must be a function of
    /// the run's seed and the epoch.
    ///
    /// # Errors
    /// When the data can't be read.
    fn batches(&self, epoch: usize, skip: usize) -> Result<Batches<'_, Self::Batch>, BoxError>;

    /// Whether there is nothing in a batch, as where none of its images can be read.
    /// It then counts as a step, so that a resumed run skips what it had, and no
    /// loss is asked for.
    fn is_empty(&self, _batch: &Self::Batch) -> bool {
        false
    }

    /// The loss of a batch.
    ///
    /// # Errors
    /// When the forward pass fails.
    fn loss(&self, batch: &Self::Batch, context: &Context) -> Result<Loss, BoxError>;

    /// Divides a batch into `count` micro-batches of about equal size, or fewer
    /// where it has fewer examples, for gradient accumulation. The losses of
    /// the micro-batches must add up to that of the batch: a mean over them
    /// weighs each by its share of the rows that count.
    ///
    /// # Errors
    /// When the batch cannot be divided.
    fn split(&self, batch: &Self::Batch, count: usize) -> Result<Vec<Self::Batch>, BoxError>;

    /// A batch of `examples` examples with inputs of the right size, to measure
    /// what a step takes; `None` where there is no such thing.
    ///
    /// # Errors
    /// When it cannot be made.
    fn blank_batch(&self, _examples: usize) -> Result<Option<Self::Batch>, BoxError> {
        Ok(None)
    }

    /// The most bytes that reading batches ahead of the steps holds.
    fn reading_bytes(&self) -> u64 {
        0
    }

    /// Names a batch in messages about it: the first ids, for instance.
    fn describe(&self, batch: &Self::Batch) -> String;

    /// Measures the model on the validation data. The metrics must contain the
    /// configured `early_stopping.metric`.
    ///
    /// # Errors
    /// When the data can't be read or the forward pass fails.
    fn validate(&self) -> Result<Metrics, BoxError>;

    /// Adds to the run's `report.html`, below the learning curves: a note, a
    /// subtitle, sections.
    ///
    /// # Errors
    /// When a chart can't be drawn.
    fn report(&self, _page: &mut Page) -> Result<(), BoxError> {
        Ok(())
    }
}
