//! Where batches come from: image files, or cached activations of the frozen
//! part of the network. Both prepare the next batches in background threads.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use artkg_image::{LoadItem, Loader, Preprocessing, View};
use artkg_nn::{Device, Tensor};

use crate::activation_cache::ActivationCache;
use crate::{Example, Result};

/// Batches that wait while the network works on the current one.
const BATCHES_AHEAD: usize = 2;

/// Hears of an image that cannot be used, once for each image.
pub type OnFailure = Arc<dyn Fn(&str) + Send + Sync>;

/// Some examples' inputs.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The examples' numbers, in the order of the rows.
    pub(crate) examples: Vec<usize>,
    /// What the trained part of the network takes, `[batch, ...]`.
    pub(crate) input: Tensor,
}

/// Images straight from their files.
pub(crate) struct ImageSource {
    preprocessing: Preprocessing,
    threads: usize,
    on_failure: OnFailure,
    failed: Mutex<BTreeSet<usize>>,
}

impl ImageSource {
    /// Images that are decoded by `threads` threads.
    pub(crate) fn new(preprocessing: Preprocessing, threads: usize, on_failure: OnFailure) -> Self {
        Self {
            preprocessing,
            threads,
            on_failure,
            failed: Mutex::new(BTreeSet::new()),
        }
    }

    /// The batches of `views` (example, view), in that order. Images that
    /// cannot be decoded are left out of their batch.
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
        let mut loader = Loader::new(
            items,
            self.preprocessing.clone(),
            self.threads,
            BATCHES_AHEAD * batch_size,
        );
        let side = self.preprocessing.crop;
        let mut left = views.len();
        std::iter::from_fn(move || {
            while left > 0 {
                // A failed image makes its own batch smaller, not the next one
                // different, so that a skipped batch is skipped whole.
                let size = batch_size.min(left);
                left -= size;
                let (mut examples, mut inputs) = (Vec::new(), Vec::new());
                for (index, input) in loader.by_ref().take(size) {
                    match input {
                        Ok(input) => {
                            examples.push(index);
                            inputs.extend(input);
                        }
                        Err(error) => self.report(index, &error.to_string()),
                    }
                }
                if !examples.is_empty() {
                    let shape = (examples.len(), side, side, 3);
                    let input = Tensor::from_vec(inputs, shape, &Device::Cpu);
                    return Some(
                        input
                            .map(|input| Batch { examples, input })
                            .map_err(Into::into),
                    );
                }
            }
            None
        })
    }

    fn report(&self, index: usize, message: &str) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.insert(index) {
            (self.on_failure)(message);
        }
    }
}

/// Cached activations at a boundary of the network.
pub(crate) struct ActivationSource {
    cache: Arc<ActivationCache>,
    /// Cache keys of the plain and, where cached, the mirrored view.
    keys: Vec<(String, Option<String>)>,
    /// The shape of one activation.
    shape: Vec<usize>,
}

impl ActivationSource {
    /// Activations from `cache`; `keys` has one entry an example.
    pub(crate) fn new(
        cache: Arc<ActivationCache>,
        keys: Vec<(String, Option<String>)>,
        shape: Vec<usize>,
    ) -> Self {
        Self { cache, keys, shape }
    }

    /// The cached view that stands for `view`: an augmented one is the plain or
    /// the mirrored one, each with probability one half.
    fn key(&self, example: usize, view: View) -> String {
        let (plain, mirrored) = &self.keys[example];
        let mirror = match view {
            View::Evaluate => false,
            View::Mirrored => true,
            View::Augment { seed } => artkg_nn::derive_seed(seed, 0) & 1 == 1,
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
        Background::spawn(chunks.into_iter().map(move |(examples, keys)| {
            let mut values = Vec::with_capacity(keys.len() * shape.iter().product::<usize>());
            for key in &keys {
                cache.read(key, &mut values)?;
            }
            let mut dimensions = vec![examples.len()];
            dimensions.extend(&shape);
            let input = Tensor::from_vec(values, dimensions, &Device::Cpu)?;
            Ok(Batch { examples, input })
        }))
    }
}

/// Either kind of source.
pub(crate) enum Source {
    /// Images.
    Images(ImageSource),
    /// Activations of the frozen part.
    Activations(ActivationSource),
}

impl Source {
    /// The batches of `views` (number in `examples`, view), in that order.
    pub(crate) fn batches<'a>(
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
