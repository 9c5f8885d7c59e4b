use std::sync::Arc;

use artkg_files::fingerprint::Fingerprint;
use artkg_files::seeds::derive_seed;
use artkg_nn::{Context, ParameterStore, Tensor, cosine_margin_loss};
use artkg_train::{Batches, BoxError, Loss, Metrics, Trainable};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::error::Result;
use crate::evaluation::{Recall, ranks};
use crate::image_side::ImageSide;
use crate::joint_space::JointSpace;
use crate::measures::METRICS;
use crate::text_side::{Record, TextSide};

/// Streams of random numbers of a run.
const ORDER_STREAM: u64 = 1;
const OMISSION_STREAM: u64 = 2;

/// Artworks with their texts and images.
pub(crate) struct Pairs {
    pub(crate) records: Vec<Record>,
    /// The artworks of a split, those without words included.
    pub(crate) images: Arc<ImageSide>,
    /// The row among them of each record.
    pub(crate) rows: Vec<usize>,
}

impl Pairs {
    /// What the pairs are known again by: ids, words and classes.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut works = Fingerprint::new("pairs", 1);
        works.list(
            self.rows.iter().zip(&self.records),
            |work, (&row, record)| {
                work.text(&self.images.ids[row]);
                work.text(&record.title).text(&record.description);
                work.list(&record.classes, |work, classes| {
                    work.list(classes, |work, class| {
                        work.integer(*class as u64);
                    });
                });
            },
        );
        works
    }

    /// The image of a record.
    fn image(&self, record: usize) -> &[f32] {
        self.images.row(self.rows[record])
    }
}

/// The joint space with the pairs it learns from.
pub(crate) struct RetrievalTraining {
    pub(crate) space: JointSpace,
    pub(crate) store: ParameterStore,
    pub(crate) text_side: TextSide,
    pub(crate) train: Pairs,
    pub(crate) validation: Pairs,
    pub(crate) margin: f32,
    pub(crate) mismatches: usize,
    pub(crate) omission: f64,
    pub(crate) batch_size: usize,
    pub(crate) seed: u64,
}

/// Some pairs, and the seed of what is left out of their texts.
pub(crate) struct PairBatch {
    pairs: Vec<usize>,
    seed: u64,
}

impl RetrievalTraining {
    /// The texts of a batch as a step sees them: some without attributes, some
    /// without description.
    fn texts(&self, batch: &PairBatch) -> Result<Tensor> {
        let inputs = self.text_side.inputs();
        let mut values = vec![0.0; batch.pairs.len() * inputs];
        let mut generator = Pcg64Mcg::seed_from_u64(batch.seed);
        for (values, &pair) in values.chunks_exact_mut(inputs).zip(&batch.pairs) {
            let record = &self.train.records[pair];
            let without_classes = generator.random_bool(self.omission);
            let without_description = generator.random_bool(self.omission);
            let title_only = without_description && !record.title.is_empty();
            let text = match title_only {
                true => record.title.clone(),
                false => record.text(),
            };
            let classes: &[Vec<usize>] = match without_classes {
                true => &[],
                false => &record.classes,
            };
            self.text_side.write(&text, classes, values);
        }
        let shape = (batch.pairs.len(), inputs);
        Ok(Tensor::from_vec(values, shape, self.store.device())?)
    }

    fn batch_loss(&self, batch: &PairBatch, context: &Context) -> Result<Loss> {
        let images: Vec<f32> = batch
            .pairs
            .iter()
            .flat_map(|&pair| self.train.image(pair))
            .copied()
            .collect();
        let rows = batch.pairs.len();
        let images =
            Tensor::from_vec(images, (rows, self.train.images.width), self.store.device())?;
        let texts = self.space.texts(&self.texts(batch)?, context)?;
        let images = self.space.images(&images, context)?;
        // Each text with its own artwork, then with those of the next rows.
        let shifts = 1 + self.mismatches.min(rows - 1);
        let (mut lefts, mut rights, mut matches) = (Vec::new(), Vec::new(), Vec::new());
        for shift in 0..shifts {
            lefts.push(texts.clone());
            rights.push(match shift {
                0 => images.clone(),
                _ => Tensor::cat(
                    &[
                        images.narrow(0, shift, rows - shift)?,
                        images.narrow(0, 0, shift)?,
                    ],
                    0,
                )?,
            });
            matches.resize(matches.len() + rows, shift == 0);
        }
        let (left, right) = (Tensor::cat(&lefts, 0)?, Tensor::cat(&rights, 0)?);
        let total = cosine_margin_loss(&left, &right, &matches, self.margin)?;
        Ok(Loss {
            total,
            parts: Vec::new(),
            examples: rows,
        })
    }

    fn measure(&self) -> Result<Metrics> {
        let pairs = &self.validation;
        let texts = self.space.embed_records(&self.text_side, &pairs.records)?;
        let images = self.space.embed_images(&pairs.images, &pairs.rows)?;
        let dimension = images.len() / pairs.rows.len();
        let text_to_art = Recall::of(ranks(&texts, &images, dimension));
        let art_to_text = Recall::of(ranks(&images, &texts, dimension));
        let values = [
            (text_to_art.at_10 + art_to_text.at_10) / 2.0,
            text_to_art.at_10,
            art_to_text.at_10,
            text_to_art.median_rank,
            art_to_text.median_rank,
        ];
        Ok(METRICS.map(str::to_owned).into_iter().zip(values).collect())
    }
}

impl Trainable for RetrievalTraining {
    type Batch = PairBatch;

    fn parameters(&self) -> &ParameterStore {
        &self.store
    }

    fn batches_per_epoch(&self) -> usize {
        self.train.records.len().div_ceil(self.batch_size)
    }

    fn batches(
        &self,
        epoch: usize,
        skip: usize,
    ) -> std::result::Result<Batches<'_, PairBatch>, BoxError> {
        let epoch_seed = |stream| derive_seed(derive_seed(self.seed, stream), epoch as u64);
        let mut order: Vec<usize> = (0..self.train.records.len()).collect();
        order.shuffle(&mut Pcg64Mcg::seed_from_u64(epoch_seed(ORDER_STREAM)));
        let omission = epoch_seed(OMISSION_STREAM);
        let batches: Vec<PairBatch> = order
            .chunks(self.batch_size)
            .enumerate()
            .skip(skip)
            .map(|(step, pairs)| PairBatch {
                pairs: pairs.to_vec(),
                seed: derive_seed(omission, step as u64),
            })
            .collect();
        Ok(Box::new(batches.into_iter().map(Ok)))
    }

    fn loss(&self, batch: &PairBatch, context: &Context) -> std::result::Result<Loss, BoxError> {
        Ok(self.batch_loss(batch, context)?)
    }

    /// A batch stays whole: its artworks are held against each other.
    fn split(
        &self,
        batch: &PairBatch,
        _count: usize,
    ) -> std::result::Result<Vec<PairBatch>, BoxError> {
        Ok(vec![PairBatch {
            pairs: batch.pairs.clone(),
            seed: batch.seed,
        }])
    }

    fn describe(&self, batch: &PairBatch) -> String {
        let first = &self.train.images.ids[self.train.rows[batch.pairs[0]]];
        format!("{} artworks from {first} on", batch.pairs.len())
    }

    fn validate(&self) -> std::result::Result<Metrics, BoxError> {
        Ok(self.measure()?)
    }
}
