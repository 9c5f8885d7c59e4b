//! A dense model of two layers that tells three noisy clusters apart, with
//! dropout, so that seeds matter, and faults on demand.

use std::time::Duration;

use artkg_files::seeds::derive_seed;
use artkg_nn::{Context, Device, Initialisation, ParameterStore, Role, Tensor, Var};
use artkg_report::Page;
use artkg_train::{
    Batches, BoxError, Loss, Metrics, ParameterGroup, ScheduleKind, Trainable, TrainingConfig,
};

/// What goes wrong in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    LossNotFinite,
    GradientNotFinite,
    Unreadable,
}

pub(crate) struct Toy {
    store: ParameterStore,
    body: Var,
    body_bias: Var,
    head: Var,
    head_bias: Var,
    seed: u64,
    batch_size: usize,
    /// Time that a batch takes to come, in milliseconds.
    pub(crate) milliseconds_per_batch: u64,
    /// The share of hidden values that is dropped.
    pub(crate) dropout: f32,
    /// The scope that is not trained, or an empty text.
    pub(crate) frozen: &'static str,
    /// The fault, its epoch and its step, both from 1.
    fault: Option<(Fault, usize, usize)>,
}

pub(crate) struct Batch {
    epoch: usize,
    step: usize,
    indices: Vec<usize>,
    /// Examples in the batch that this is or is a part of.
    whole: usize,
}

const FEATURES: usize = 8;
const CLASSES: usize = 3;
const HIDDEN: usize = 16;

/// Settings that use every part of the loop.
pub(crate) fn config() -> TrainingConfig {
    let mut config = TrainingConfig {
        epochs: 4,
        batch_size: 16,
        seed: 11,
        log_every: 1,
        gradient_clip: 5.0,
        ..TrainingConfig::default()
    };
    config.optimiser.learning_rate = Some(0.05);
    config.optimiser.nesterov = Some(true);
    config.optimiser.weight_decay = Some(1e-4);
    config.optimiser.group_rates = [("head".to_owned(), 2.0)].into();
    config.schedule.kind = ScheduleKind::Cosine;
    config.schedule.warm_up_epochs = 0.5;
    config
}

/// A number in [0, 1) that depends on its arguments alone.
fn uniform(seed: u64, stream: u64) -> f32 {
    (derive_seed(seed, stream) >> 40) as f32 / (1u64 << 24) as f32
}

fn features(index: usize) -> Vec<f32> {
    let class = index % CLASSES;
    (0..FEATURES)
        .map(|feature| {
            let centre = f32::from(u8::from(feature % CLASSES == class));
            centre + 1.2 * (uniform(index as u64, feature as u64) - 0.5)
        })
        .collect()
}

impl Toy {
    pub(crate) const BATCHES: usize = 6;

    pub(crate) fn new(config: &TrainingConfig) -> Self {
        let store = ParameterStore::new(config.seed, &Device::Cpu);
        let parameter = |scope: &str, name: &str, shape: &[usize], role| {
            let start = Initialisation::Uniform { bound: 0.3 };
            store
                .root()
                .sub(scope)
                .parameter(name, shape, start, role)
                .unwrap()
        };
        Self {
            body: parameter("body", "weight", &[HIDDEN, FEATURES], Role::Weight),
            body_bias: parameter("body", "bias", &[HIDDEN], Role::Bias),
            head: parameter("head", "weight", &[CLASSES, HIDDEN], Role::Weight),
            head_bias: parameter("head", "bias", &[CLASSES], Role::Bias),
            seed: config.seed,
            batch_size: config.batch_size,
            milliseconds_per_batch: 0,
            dropout: 0.1,
            frozen: "",
            fault: None,
            store,
        }
    }

    pub(crate) fn with_fault(
        config: &TrainingConfig,
        fault: Fault,
        epoch: usize,
        step: usize,
    ) -> Self {
        Self {
            fault: Some((fault, epoch, step)),
            ..Self::new(config)
        }
    }

    pub(crate) fn store(&self) -> &ParameterStore {
        &self.store
    }

    pub(crate) fn named_values(&self) -> Vec<(String, Vec<f32>)> {
        let values = |tensor: &Var| tensor.flatten_all().unwrap().to_vec1().unwrap();
        let named = self.store.named().into_iter();
        named
            .map(|(name, parameter)| (name, values(&parameter.variable)))
            .collect()
    }

    pub(crate) fn values(&self) -> Vec<f32> {
        self.named_values()
            .into_iter()
            .flat_map(|(_, values)| values)
            .collect()
    }

    pub(crate) fn bits(&self) -> Vec<u32> {
        self.values().into_iter().map(f32::to_bits).collect()
    }

    pub(crate) fn accuracy(&self) -> f64 {
        let held_out: Vec<usize> = (1000..1150).collect();
        let logits = self.logits(&held_out, &Context::evaluation()).unwrap();
        let predicted = logits.argmax(1).unwrap().to_vec1::<u32>().unwrap();
        let right = held_out.iter().zip(predicted);
        let right = right.filter(|(index, class)| *index % CLASSES == *class as usize);
        right.count() as f64 / held_out.len() as f64
    }

    /// The norm of the parameters, which training makes grow.
    fn size(&self) -> f64 {
        let squares = self
            .values()
            .into_iter()
            .map(|value| f64::from(value).powi(2));
        squares.sum::<f64>().sqrt()
    }

    fn logits(&self, indices: &[usize], context: &Context) -> candle_core::Result<Tensor> {
        let input: Vec<f32> = indices.iter().flat_map(|index| features(*index)).collect();
        let input = Tensor::from_vec(input, (indices.len(), FEATURES), &Device::Cpu)?;
        let mut hidden = input
            .matmul(&self.body.t()?)?
            .broadcast_add(&self.body_bias)?
            .relu()?;
        if context.is_training() {
            let seed = context.next_seed();
            let kept = (0..hidden.elem_count() as u64)
                .map(|place| {
                    if uniform(seed, place) < self.dropout {
                        0f32
                    } else {
                        1.0 / (1.0 - self.dropout)
                    }
                })
                .collect();
            hidden = (hidden * Tensor::from_vec(kept, (indices.len(), HIDDEN), &Device::Cpu)?)?;
        }
        hidden
            .matmul(&self.head.t()?)?
            .broadcast_add(&self.head_bias)
    }

    fn has_fault(&self, fault: Fault, epoch: usize, step: usize) -> bool {
        self.fault == Some((fault, epoch + 1, step + 1))
    }
}

impl Trainable for Toy {
    type Batch = Batch;

    fn parameters(&self) -> &ParameterStore {
        &self.store
    }

    fn parameter_groups(&self) -> Vec<ParameterGroup> {
        ["body", "head"]
            .into_iter()
            .filter(|group| *group != self.frozen)
            .map(|group| ParameterGroup::select(group, &self.store, |name| name.starts_with(group)))
            .collect()
    }

    fn is_trained(&self, name: &str) -> bool {
        self.frozen.is_empty() || !name.starts_with(self.frozen)
    }

    fn batches_per_epoch(&self) -> usize {
        Self::BATCHES
    }

    fn batches(&self, epoch: usize, skip: usize) -> Result<Batches<'_, Batch>, BoxError> {
        let seed = derive_seed(self.seed, epoch as u64);
        let mut order: Vec<usize> = (0..Self::BATCHES * self.batch_size).collect();
        order.sort_by_key(|index| derive_seed(seed, *index as u64));
        let steps = skip..Self::BATCHES;
        Ok(Box::new(steps.map(move |step| {
            if self.has_fault(Fault::Unreadable, epoch, step) {
                return Err("the disk is gone".into());
            }
            std::thread::sleep(Duration::from_millis(self.milliseconds_per_batch));
            let indices = order[step * self.batch_size..][..self.batch_size].to_vec();
            Ok(Batch {
                epoch,
                step,
                whole: indices.len(),
                indices,
            })
        })))
    }

    fn loss(&self, batch: &Batch, context: &Context) -> Result<Loss, BoxError> {
        let logits = self.logits(&batch.indices, context)?;
        let targets: Vec<f32> = batch
            .indices
            .iter()
            .flat_map(|index| {
                (0..CLASSES).map(move |class| f32::from(u8::from(index % CLASSES == class)))
            })
            .collect();
        let targets = Tensor::from_vec(targets, logits.shape(), &Device::Cpu)?;
        let normaliser = logits.exp()?.sum_keepdim(1)?.log()?;
        let losses = (logits.broadcast_sub(&normaliser)? * targets)?
            .neg()?
            .sum(1)?;
        let mut total = (losses.sum_all()? / batch.whole as f64)?;
        let value = f64::from(total.to_scalar::<f32>()?);
        if self.has_fault(Fault::LossNotFinite, batch.epoch, batch.step) {
            total = (total * f64::NAN)?;
        }
        if self.has_fault(Fault::GradientNotFinite, batch.epoch, batch.step) {
            // The root's value at zero is finite, its slope isn't.
            let zero = (self.head.as_tensor() - self.head.as_tensor())?;
            total = (total + zero.sqrt()?.sum_all()?)?;
        }
        Ok(Loss {
            total,
            parts: vec![("cross_entropy".to_owned(), value)],
            examples: batch.indices.len(),
        })
    }

    fn split(&self, batch: &Batch, count: usize) -> Result<Vec<Batch>, BoxError> {
        let size = batch.indices.len().div_ceil(count);
        let part = |indices: &[usize]| Batch {
            indices: indices.to_vec(),
            whole: batch.whole,
            ..*batch
        };
        Ok(batch.indices.chunks(size).map(part).collect())
    }

    fn describe(&self, batch: &Batch) -> String {
        let ids: Vec<String> = batch.indices[..3]
            .iter()
            .map(|index| format!("toy-{index}"))
            .collect();
        format!("{}, …", ids.join(", "))
    }

    fn validate(&self) -> Result<Metrics, BoxError> {
        Ok([
            ("accuracy".to_owned(), self.accuracy()),
            ("size".to_owned(), self.size()),
        ]
        .into())
    }

    fn report(&self, page: &mut Page) -> Result<(), BoxError> {
        page.section("Toy section").paragraph("Added by the model.");
        Ok(())
    }
}
