use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::decode::read_picture;
use crate::error::{Error, Result};
use crate::limits::DecodeLimits;
use crate::picture::Warning;
use crate::pixels::Pixels;
use crate::preprocessing::Preprocessing;

/// Which view of a picture the network sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// [`Preprocessing::evaluate`].
    Evaluate,
    /// [`Preprocessing::mirrored`].
    Mirrored,
    /// [`Preprocessing::whole`].
    Whole,
    /// [`Preprocessing::augment`].
    Augment {
        /// The seed of this view.
        seed: u64,
    },
}

impl View {
    /// The input `[crop, crop, 3]` that this view makes of `pixels`.
    pub fn apply(self, preprocessing: &Preprocessing, pixels: &Pixels) -> Vec<f32> {
        match self {
            Self::Evaluate => preprocessing.evaluate(pixels),
            Self::Mirrored => preprocessing.mirrored(pixels),
            Self::Whole => preprocessing.whole(pixels),
            Self::Augment { seed } => preprocessing.augment(pixels, seed),
        }
    }
}

/// One picture to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadItem {
    /// The caller's own number, handed back with the result.
    pub index: usize,
    /// The image file.
    pub path: PathBuf,
    /// The view to make of it.
    pub view: View,
}

/// Decodes and preprocesses pictures in background threads.
///
/// Iterating gives a [`Loaded`] for each item, in the order of the items, whatever thread
/// finished first. At most `ahead` pictures beyond the next one are decoded or
/// waiting, so memory stays bounded however slow the consumer is. A picture that
/// fails is an `Err` in its place and stops nothing. Dropping the loader stops
/// its threads after the picture that each has in hand, for which nobody waits.
pub struct Loader {
    tasks: Option<Sender<Task>>,
    results: Receiver<Finished>,
    waiting: std::vec::IntoIter<LoadItem>,
    /// Finished before their turn, by position.
    early: BTreeMap<usize, Loaded>,
    next: usize,
    sent: usize,
    length: usize,
    stop: Arc<AtomicBool>,
}

/// Some pictures that were loaded together.
#[derive(Debug, Default)]
pub struct LoadedBatch {
    /// The callers' numbers of the pictures that could be used.
    pub indices: Vec<usize>,
    /// Their inputs, `[indices, crop, crop, 3]`.
    pub inputs: Vec<f32>,
    /// The others, and why they cannot be used.
    pub failures: Vec<(usize, Error)>,
    /// What was left out of the usable ones.
    pub warnings: Vec<(usize, Warning)>,
}

impl LoadedBatch {
    /// The pictures, usable or not.
    pub fn len(&self) -> usize {
        self.indices.len() + self.failures.len()
    }

    /// Whether it holds no picture at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What became of an item.
#[derive(Debug)]
pub struct Loaded {
    /// The caller's number.
    pub index: usize,
    /// The input `[crop, crop, 3]`, or why there is none.
    pub input: Result<Vec<f32>>,
    /// What was left out of the picture.
    pub warning: Option<Warning>,
}

struct Task {
    position: usize,
    item: LoadItem,
}

struct Finished {
    position: usize,
    loaded: Loaded,
}

impl Loader {
    /// Starts loading `items` with `threads` threads (at least one), `ahead`
    /// pictures (at least one) beyond the one that is asked for next, under the
    /// default memory bound a picture.
    pub fn new(
        items: Vec<LoadItem>,
        preprocessing: Preprocessing,
        threads: usize,
        ahead: usize,
    ) -> Self {
        let max_bytes = DecodeLimits::DEFAULT_MAX_BYTES;
        Self::with_max_bytes(items, preprocessing, threads, ahead, max_bytes)
    }

    /// As [`Loader::new`], with the most bytes that decoding one picture may hold.
    pub fn with_max_bytes(
        items: Vec<LoadItem>,
        preprocessing: Preprocessing,
        threads: usize,
        ahead: usize,
        max_bytes: usize,
    ) -> Self {
        let (task_sender, task_receiver) = unbounded();
        let (result_sender, result_receiver) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            tasks: task_receiver,
            results: result_sender,
            stop: Arc::clone(&stop),
            limits: DecodeLimits {
                smallest_side: Some(preprocessing.shorter_side() as u32),
                max_bytes,
            },
            preprocessing: Arc::new(preprocessing),
        };
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            let worker = worker.clone();
            std::thread::spawn(move || worker.run());
        }
        // Receiving ends with the threads.
        drop(worker);
        let mut loader = Self {
            tasks: Some(task_sender),
            results: result_receiver,
            next: 0,
            sent: 0,
            length: items.len(),
            waiting: items.into_iter(),
            early: BTreeMap::new(),
            stop,
        };
        for _ in 0..=ahead.max(1) {
            loader.send_one();
        }
        loader
    }

    /// The pictures in batches of `size` (at least one); the last may be smaller.
    /// A picture that fails makes its own batch smaller, not the next ones
    /// different.
    pub fn batches(mut self, size: usize) -> impl Iterator<Item = LoadedBatch> {
        std::iter::from_fn(move || {
            let mut batch = LoadedBatch::default();
            for loaded in self.by_ref().take(size.max(1)) {
                let index = loaded.index;
                match loaded.input {
                    Ok(input) => {
                        batch.indices.push(index);
                        batch.inputs.extend(input);
                    }
                    Err(error) => batch.failures.push((index, error)),
                }
                batch
                    .warnings
                    .extend(loaded.warning.map(|warning| (index, warning)));
            }
            (!batch.is_empty()).then_some(batch)
        })
    }

    /// Hands the next waiting item, if any, to the threads.
    fn send_one(&mut self) {
        match self.waiting.next() {
            Some(item) => {
                let position = self.sent;
                self.sent += 1;
                if let Some(tasks) = &self.tasks {
                    // Fails only when every thread is gone, which `next` sees.
                    let _ = tasks.send(Task { position, item });
                }
            }
            // With no more tasks the threads end by themselves.
            None => self.tasks = None,
        }
    }
}

impl Iterator for Loader {
    type Item = Loaded;

    fn next(&mut self) -> Option<Loaded> {
        if self.next == self.length {
            return None;
        }
        let loaded = loop {
            if let Some(loaded) = self.early.remove(&self.next) {
                break loaded;
            }
            // Fails only when every thread is gone; they catch decoders' panics.
            let finished = self.results.recv().ok()?;
            self.early.insert(finished.position, finished.loaded);
        };
        self.next += 1;
        self.send_one();
        Some(loaded)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.length - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Loader {}

impl Drop for Loader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.tasks = None;
    }
}

#[derive(Clone)]
struct Worker {
    tasks: Receiver<Task>,
    results: Sender<Finished>,
    stop: Arc<AtomicBool>,
    limits: DecodeLimits,
    preprocessing: Arc<Preprocessing>,
}

impl Worker {
    fn run(&self) {
        for Task { position, item } in &self.tasks {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let (input, warning) = match read_picture(&item.path, &self.limits) {
                Ok(picture) => {
                    let input = item.view.apply(&self.preprocessing, &picture.pixels);
                    (Ok(input), picture.warning)
                }
                Err(error) => (Err(error), None),
            };
            let loaded = Loaded {
                index: item.index,
                input,
                warning,
            };
            let finished = Finished { position, loaded };
            if self.results.send(finished).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_picture_makes_its_own_batch_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let items = (0..7)
            .map(|index| {
                let path = folder.path().join(format!("{index}.png"));
                if index != 1 && index < 5 {
                    image::RgbImage::new(20, 20).save(&path).unwrap();
                }
                LoadItem {
                    index: 10 + index,
                    path,
                    view: View::Evaluate,
                }
            })
            .collect();
        let preprocessing = Preprocessing {
            resize: 16,
            crop: 16,
            ..Preprocessing::default()
        };
        let batches: Vec<LoadedBatch> =
            Loader::new(items, preprocessing, 2, 3).batches(3).collect();
        let usable: Vec<&[usize]> = batches.iter().map(|batch| &batch.indices[..]).collect();
        assert_eq!(usable, [&[10, 12][..], &[13, 14], &[]]);
        let failed: Vec<usize> = batches
            .iter()
            .flat_map(|batch| batch.failures.iter().map(|(index, _)| *index))
            .collect();
        assert_eq!(failed, [11, 15, 16]);
        for batch in &batches {
            assert_eq!(batch.inputs.len(), batch.indices.len() * 16 * 16 * 3);
        }
        assert_eq!(batches.iter().map(LoadedBatch::len).sum::<usize>(), 7);
    }
}
