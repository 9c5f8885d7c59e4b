//! Where batches come from: image files, or cached activations of the frozen
//! part of the network. Both prepare the next batches in background threads.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use artkg_feed::{BATCHES_AHEAD, Feed};
use artkg_image::{DecodeLimits, LoadItem, Preprocessing, View, decode_file};
use artkg_model::SideValues;
use artkg_nn::{DType, Device, Tensor, allocated_bytes, peak_bytes};
use artkg_session::Session;

use crate::activation_cache::ActivationCache;
use crate::error::Result;
use crate::examples::Example;

/// Batches in memory at once: those that wait, the current one, and one that
/// changes hands.
pub const BATCHES_HELD: usize = BATCHES_AHEAD + 2;

/// Some examples' inputs.
#[derive(Debug)]
pub struct Batch {
    /// The examples' numbers, in the order of the rows.
    pub examples: Vec<usize>,
    /// What the trained part of the network takes, `[batch, ...]`.
    pub input: Tensor,
    /// The examples of the whole batch, where this is a part of one.
    pub whole: Option<Arc<[usize]>>,
}

impl Batch {
    /// A whole batch.
    pub fn new(examples: Vec<usize>, input: Tensor) -> Self {
        Self {
            examples,
            input,
            whole: None,
        }
    }

    /// The share of `loss`, the mean over the rows weighted by `weight` (`None`
    /// for those that do not count), in the mean of the whole batch: the shares
    /// of its parts add up.
    pub fn weigh(&self, loss: Tensor, weight: impl Fn(usize) -> Option<f64>) -> Result<Tensor> {
        let Some(whole) = &self.whole else {
            return Ok(loss);
        };
        let sum = |examples: &[usize]| -> f64 {
            examples.iter().filter_map(|&index| weight(index)).sum()
        };
        let (part, whole) = (sum(&self.examples), sum(whole));
        let share = if whole > 0.0 { part / whole } else { 0.0 };
        Ok((loss * share)?)
    }

    /// The values beside the images, where there are any; `examples` are those
    /// of the batch's split.
    pub fn side(
        &self,
        examples: &[Example],
        values: Option<&SideValues>,
    ) -> Result<Option<Tensor>> {
        let ids = self.examples.iter();
        values
            .map(|values| {
                Ok(values.tensor(
                    ids.map(|&example| examples[example].id.as_str()),
                    self.input.device(),
                )?)
            })
            .transpose()
    }

    /// The ids of the artworks; `examples` are those of the batch's split.
    pub fn ids<'a>(&self, examples: &'a [Example]) -> Vec<&'a str> {
        let ids = self.examples.iter();
        ids.map(|&example| examples[example].id.as_str()).collect()
    }

    /// `count` parts that share the input's memory, fewer where there are fewer
    /// examples; their sizes differ by one at most.
    pub fn split(&self, count: usize) -> Result<Vec<Self>> {
        let total = self.examples.len();
        let whole: Arc<[usize]> = self.examples.as_slice().into();
        let count = count.clamp(1, total);
        (0..count)
            .map(|part| {
                let (start, end) = (part * total / count, (part + 1) * total / count);
                Ok(Self {
                    examples: self.examples[start..end].to_vec(),
                    input: self.input.narrow(0, start, end - start)?,
                    whole: Some(Arc::clone(&whole)),
                })
            })
            .collect()
    }
}

/// Images straight from their files.
pub struct ImageSource {
    preprocessing: Preprocessing,
    session: Session,
    /// The examples whose image cannot be used, and why.
    failed: Mutex<BTreeMap<usize, String>>,
}

impl ImageSource {
    /// Images that the session's threads decode; its observer is told of those that
    /// cannot be used, once for each.
    pub fn new(preprocessing: Preprocessing, session: Session) -> Self {
        Self {
            preprocessing,
            session,
            failed: Mutex::default(),
        }
    }

    /// The batches of `views` (example, view), in that order. Images that
    /// cannot be decoded are left out of their batch, which may leave it empty.
    fn batches<'a>(
        &'a self,
        examples: &[Example],
        views: &[(usize, View)],
        batch_size: usize,
    ) -> impl Iterator<Item = Result<Batch>> + use<'a> {
        let items = views
            .iter()
            .map(|&(index, view)| LoadItem {
                index,
                path: examples[index].path.clone(),
                view,
            })
            .collect();
        let feed = Feed {
            preprocessing: self.preprocessing.clone(),
            batch_size,
            memory_limit: None,
        };
        let side = self.preprocessing.crop;
        feed.batches(items, &self.session).map(move |batch| {
            let batch = batch?;
            for (index, error) in batch.failures {
                self.report(index, error.to_string());
            }
            let device = self.session.device();
            let input = match batch.images {
                Some(images) => images,
                None => Tensor::zeros((0, side, side, 3), DType::F32, device)?,
            };
            Ok(Batch::new(batch.indices, input))
        })
    }

    /// The most bytes that decoding holds: the largest file of `examples` is
    /// decoded to see, as one of them a thread may be at once.
    fn decoding_bytes(&self, examples: &[Example]) -> u64 {
        let length =
            |example: &&Example| std::fs::metadata(&example.path).map_or(0, |file| file.len());
        let Some(largest) = examples.iter().max_by_key(length) else {
            return 0;
        };
        let limits = DecodeLimits {
            smallest_side: Some(self.preprocessing.shorter_side() as u32),
            ..DecodeLimits::default()
        };
        let before = allocated_bytes().unwrap_or_default();
        let (_, peak) = peak_bytes(|| {
            // An image that cannot be decoded takes memory as well.
            let pixels = decode_file(&largest.path, &limits);
            pixels.map(|pixels| View::Evaluate.apply(&self.preprocessing, &pixels))
        });
        let one = peak.unwrap_or_default().saturating_sub(before);
        (one * self.session.threads()) as u64
    }

    fn report(&self, index: usize, message: String) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.entry(index).or_insert_with(|| {
            self.session.left_out(&message);
            message
        });
    }
}

/// Cached activations at a boundary of the network.
pub struct ActivationSource {
    cache: Arc<ActivationCache>,
    /// Cache keys of the plain and, where cached, the mirrored view.
    keys: Vec<(String, Option<String>)>,
    /// The shape of one activation.
    shape: Vec<usize>,
    device: Device,
}

impl ActivationSource {
    /// Activations from `cache`; `keys` has one entry an example.
    pub(crate) fn new(
        cache: Arc<ActivationCache>,
        keys: Vec<(String, Option<String>)>,
        shape: Vec<usize>,
        device: Device,
    ) -> Self {
        Self {
            cache,
            keys,
            shape,
            device,
        }
    }

    /// The cached view that stands for `view`: an augmented one is the plain or
    /// the mirrored one, each with probability one half.
    fn key(&self, example: usize, view: View) -> String {
        let (plain, mirrored) = &self.keys[example];
        let mirror = match view {
            View::Evaluate | View::Whole => false,
            View::Mirrored => true,
            View::Augment { seed } => artkg_files::seeds::derive_seed(seed, 0) & 1 == 1,
        };
        match mirrored {
            Some(mirrored) if mirror => mirrored.clone(),
            _ => plain.clone(),
        }
    }

    fn batches(
        &self,
        views: &[(usize, View)],
        batch_size: usize,
    ) -> impl Iterator<Item = Result<Batch>> + use<> {
        let chunks: Vec<(Vec<usize>, Vec<String>)> = views
            .chunks(batch_size)
            .map(|chunk| {
                chunk
                    .iter()
                    .map(|&(example, view)| (example, self.key(example, view)))
                    .unzip()
            })
            .collect();
        let (cache, shape) = (Arc::clone(&self.cache), self.shape.clone());
        let device = self.device.clone();
        Background::spawn(chunks.into_iter().map(move |(examples, keys)| {
            let mut values = Vec::with_capacity(keys.len() * shape.iter().product::<usize>());
            for key in &keys {
                cache.read(key, &mut values)?;
            }
            let mut dimensions = vec![examples.len()];
            dimensions.extend(&shape);
            let input = Tensor::from_vec(values, dimensions, &device)?;
            Ok(Batch::new(examples, input))
        }))
    }
}

/// Either kind of source.
pub enum Source {
    /// Images.
    Images(ImageSource),
    /// Activations of the frozen part.
    Activations(ActivationSource),
}

impl Source {
    /// A sentence for each image that could not be used so far.
    pub(crate) fn failures(&self) -> Vec<String> {
        match self {
            Self::Images(images) => {
                let failed = images.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.values().cloned().collect()
            }
            Self::Activations(_) => Vec::new(),
        }
    }

    /// The most bytes that reading holds beside the inputs themselves.
    pub fn reading_bytes(&self, examples: &[Example]) -> u64 {
        match self {
            Self::Images(images) => images.decoding_bytes(examples),
            Self::Activations(_) => 0,
        }
    }

    /// The batches of `views` (number in `examples`, view), in that order.
    pub fn batches<'a>(
        &'a self,
        examples: &[Example],
        views: &[(usize, View)],
        batch_size: usize,
    ) -> Box<dyn Iterator<Item = Result<Batch>> + 'a> {
        match self {
            Self::Images(images) => Box::new(images.batches(examples, views, batch_size)),
            Self::Activations(activations) => Box::new(activations.batches(views, batch_size)),
        }
    }
}

/// An iterator that runs ahead in a thread of its own.
struct Background<Item> {
    receiver: Option<Receiver<Item>>,
    thread: Option<JoinHandle<()>>,
}

impl<Item: Send + 'static> Background<Item> {
    fn spawn(iterator: impl Iterator<Item = Item> + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(BATCHES_AHEAD);
        let thread = std::thread::spawn(move || {
            for item in iterator {
                // The receiver is gone when nobody wants the rest.
                if sender.send(item).is_err() {
                    break;
                }
            }
        });
        Self {
            receiver: Some(receiver),
            thread: Some(thread),
        }
    }
}

impl<Item> Iterator for Background<Item> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        self.receiver.as_ref()?.recv().ok()
    }
}

impl<Item> Drop for Background<Item> {
    fn drop(&mut self) {
        self.receiver = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed already and ended the iterator.
            let _ = thread.join();
        }
    }
}
