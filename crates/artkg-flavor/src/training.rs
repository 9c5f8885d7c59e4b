//! What the training loop needs to know about events.

use artkg_files::seeds::derive_seed;
use artkg_nn::{Context, ParameterStore, Tensor, cross_entropy};
use artkg_train::{Batches, BoxError, Loss, Metrics, Trainable};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;

use crate::Result;
use crate::dataset::{Dataset, Inputs};
use crate::evaluation::{Scores, accuracy, area_under_curve, mean_loss};
use crate::features::{MIRRORED, TRACK_NAMES};
use crate::models::Tagger;

/// Streams of random numbers of a run.
const ORDER_STREAM: u64 = 1;
const AUGMENTATION_STREAM: u64 = 2;

/// Events that validation runs together.
const VALIDATION_BATCH: usize = 256;

/// A tagger with the events it learns from.
pub(crate) struct FlavorTraining {
    pub(crate) tagger: Tagger,
    pub(crate) store: ParameterStore,
    pub(crate) classes: Vec<String>,
    pub(crate) train: Dataset,
    pub(crate) validation: Dataset,
    pub(crate) batch_size: usize,
    pub(crate) seed: u64,
    pub(crate) mirror: bool,
    pub(crate) lost_tracks: f64,
    pub(crate) note: Option<String>,
}

/// Events of one step.
pub(crate) struct FlavorBatch {
    events: Vec<usize>,
    /// What augmentation draws from in this epoch.
    seed: u64,
    /// The share that it has in the loss: that of a micro-batch in its batch.
    share: f64,
}

impl FlavorTraining {
    /// The inputs of a batch, changed as its seed says.
    fn inputs(&self, batch: &FlavorBatch) -> Result<Inputs> {
        let threshold = (self.lost_tracks * 2f64.powi(64)) as u64;
        let mut inputs = self.train.inputs_of(&batch.events, |event, track| {
            let seed = derive_seed(batch.seed, event as u64);
            threshold == 0 || derive_seed(seed, 1 + track as u64) >= threshold
        })?;
        if let (true, Some(tracks)) = (self.mirror, &mut inputs.tracks) {
            let shape = tracks.dims2()?;
            let mut values = tracks.flatten_all()?.to_vec1::<f32>()?;
            for (event, set) in batch.events.iter().zip(inputs.segments.iter()) {
                let signs = derive_seed(derive_seed(batch.seed, *event as u64), 0);
                for row in set {
                    let row = &mut values[row * TRACK_NAMES.len()..][..TRACK_NAMES.len()];
                    for (plane, members) in MIRRORED.iter().enumerate() {
                        if signs >> plane & 1 == 1 {
                            members
                                .iter()
                                .for_each(|&member| row[member] = -row[member]);
                        }
                    }
                }
            }
            *tracks = Tensor::from_vec(values, shape, tracks.device())?;
        }
        Ok(inputs)
    }

    /// The scores of the validation events.
    pub(crate) fn validation_scores(&self) -> Result<Scores> {
        Scores::compute(
            &self.tagger,
            &self.validation,
            self.classes.len(),
            VALIDATION_BATCH,
        )
    }
}

impl Trainable for FlavorTraining {
    type Batch = FlavorBatch;

    fn parameters(&self) -> &ParameterStore {
        &self.store
    }

    fn batches_per_epoch(&self) -> usize {
        self.train.len().div_ceil(self.batch_size)
    }

    fn batches(
        &self,
        epoch: usize,
        skip: usize,
    ) -> std::result::Result<Batches<'_, FlavorBatch>, BoxError> {
        let epoch_seed = |stream| derive_seed(derive_seed(self.seed, stream), epoch as u64);
        let mut order: Vec<usize> = (0..self.train.len()).collect();
        order.shuffle(&mut Pcg64Mcg::seed_from_u64(epoch_seed(ORDER_STREAM)));
        let seed = epoch_seed(AUGMENTATION_STREAM);
        let batches: Vec<FlavorBatch> = order
            .chunks(self.batch_size)
            .skip(skip)
            .map(|events| FlavorBatch {
                events: events.to_vec(),
                seed,
                share: 1.0,
            })
            .collect();
        Ok(Box::new(batches.into_iter().map(Ok)))
    }

    fn loss(&self, batch: &FlavorBatch, context: &Context) -> std::result::Result<Loss, BoxError> {
        let logits = self.tagger.forward(&self.inputs(batch)?, context)?;
        let labels: Vec<u32> = batch
            .events
            .iter()
            .map(|&event| self.train.labels[event])
            .collect();
        let mut total = cross_entropy(&logits, &labels, 0.0)?;
        if batch.share < 1.0 {
            total = (total * batch.share)?;
        }
        Ok(Loss {
            total,
            parts: Vec::new(),
            examples: batch.events.len(),
        })
    }

    fn split(
        &self,
        batch: &FlavorBatch,
        count: usize,
    ) -> std::result::Result<Vec<FlavorBatch>, BoxError> {
        let size = batch.events.len().div_ceil(count.max(1)).max(1);
        let parts = batch.events.chunks(size).map(|events| FlavorBatch {
            events: events.to_vec(),
            seed: batch.seed,
            share: batch.share * events.len() as f64 / batch.events.len() as f64,
        });
        Ok(parts.collect())
    }

    fn describe(&self, batch: &FlavorBatch) -> String {
        const SHOWN: usize = 4;
        let shown: Vec<String> = batch
            .events
            .iter()
            .take(SHOWN)
            .map(|&event| {
                let class = &self.classes[self.train.labels[event] as usize];
                format!("{event} ({class})")
            })
            .collect();
        format!(
            "training events {} of {} in the batch",
            shown.join(", "),
            batch.events.len()
        )
    }

    fn validate(&self) -> std::result::Result<Metrics, BoxError> {
        let scores = self.validation_scores()?;
        let mut metrics = Metrics::from([
            ("accuracy".to_owned(), accuracy(&scores)),
            ("loss".to_owned(), mean_loss(&scores)),
        ]);
        for (class, name) in self.classes.iter().enumerate() {
            let area = area_under_curve(&scores, class);
            metrics.insert(format!("{name}.auc"), area);
        }
        Ok(metrics)
    }

    fn report(&self, page: &mut artkg_report::Page) -> std::result::Result<(), BoxError> {
        if let Some(note) = &self.note {
            page.note(note.clone());
        }
        Ok(())
    }
}
