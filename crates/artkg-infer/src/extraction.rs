//! Running images through the frozen part of a network, once.

use std::collections::BTreeMap;
use std::path::Path;

use artkg_image::{ContentHash, LoadItem, Loader, Preprocessing, View, content_hash};
use artkg_nn::{Device, ParameterStore, Tensor};
use artkg_train::StopFlag;
use artkg_vision::{Backbone, Stage};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::activation_cache::{ActivationCache, Precision};
use crate::error::Result;
use crate::examples::Example;

/// Images that go through the network together.
const BATCH_SIZE: usize = 16;

/// What is extracted, and how.
pub(crate) struct Extraction<'a> {
    /// The network.
    pub(crate) backbone: &'a dyn Backbone,
    /// Its parameters.
    pub(crate) store: &'a ParameterStore,
    /// Where the frozen part ends.
    pub(crate) frozen: Stage,
    /// How images become inputs.
    pub(crate) preprocessing: &'a Preprocessing,
    /// Threads that decode images.
    pub(crate) threads: usize,
}

/// The cache keys of an example, plain and mirrored, or why its image cannot be
/// used.
type Keys = std::result::Result<(String, Option<String>), String>;

/// The cached activations of some examples.
pub(crate) struct Extracted {
    /// The cache that holds them.
    pub(crate) cache: ActivationCache,
    /// Of each example.
    pub(crate) keys: Vec<Keys>,
    /// Whether the work was stopped before its end.
    pub(crate) interrupted: bool,
}

impl Extraction<'_> {
    /// Brings the activations of all `examples` into a cache below `folder`;
    /// those that are there already cost nothing. `mirrored` says which
    /// examples are needed mirrored as well. `progress` receives the images
    /// done and their total.
    ///
    /// # Errors
    /// When the cache cannot be written or the network fails; a bad image is
    /// no error.
    pub(crate) fn run(
        &self,
        folder: &Path,
        examples: &[Example],
        mirrored: impl Fn(usize) -> bool,
        stop: &StopFlag,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Extracted> {
        let side = self.preprocessing.crop;
        let shape = self.backbone.boundary_shape(self.frozen, (side, side))?;
        let precision = if self.frozen == Stage::Pooled {
            Precision::Single
        } else {
            Precision::Half
        };
        let folder = folder.join(self.fingerprint()?);
        let mut cache = ActivationCache::open(&folder, shape.iter().product(), precision)?;

        let mut keys = keys(examples, &mirrored);
        let mut wanted = missing(&cache, examples, &keys);
        if !wanted.is_empty() {
            progress(0, wanted.len());
            if !cache.lock(stop)? {
                return Ok(Extracted {
                    cache,
                    keys,
                    interrupted: true,
                });
            }
            // Another process may have added them meanwhile.
            wanted = missing(&cache, examples, &keys);
        }
        let total = wanted.len();
        let (names, mut items): (Vec<String>, Vec<LoadItem>) = wanted.into_iter().unzip();
        for (position, item) in items.iter_mut().enumerate() {
            item.index = position;
        }
        let loader = Loader::new(
            items,
            self.preprocessing.clone(),
            self.threads,
            2 * BATCH_SIZE,
        );
        let network = self.backbone.fold(self.frozen, artkg_nn::Precision::F32)?;
        let (mut done, mut interrupted) = (0, false);
        let mut failures: BTreeMap<String, String> = BTreeMap::new();
        for batch in loader.batches(BATCH_SIZE) {
            done += batch.len();
            for (position, error) in batch.failures {
                failures.insert(names[position].clone(), error.to_string());
            }
            let count = batch.indices.len();
            if count > 0 {
                let images = Tensor::from_vec(batch.inputs, (count, side, side, 3), &Device::Cpu)?;
                let activations: Vec<f32> = network.forward(&images)?.flatten_all()?.to_vec1()?;
                let activations = activations.chunks_exact(activations.len() / count);
                for (position, values) in batch.indices.iter().zip(activations) {
                    cache.insert(&names[*position], values)?;
                }
                cache.flush()?;
            }
            progress(done, total);
            interrupted = stop.is_set() && done < total;
            if interrupted {
                break;
            }
        }
        cache.close()?;
        // By key, not by example: copies of one broken file share their fate.
        for entry in &mut keys {
            let Ok((plain, mirror)) = entry else { continue };
            let mirror_failure = || failures.get(mirror.as_ref()?);
            if let Some(message) = failures.get(plain).or_else(mirror_failure) {
                *entry = Err(message.clone());
            }
        }
        Ok(Extracted {
            cache,
            keys,
            interrupted,
        })
    }

    /// A name for everything that decides an activation except the image: the
    /// architecture, the boundary, the preprocessing and the frozen weights.
    fn fingerprint(&self) -> Result<String> {
        let mut hash = Sha256::new();
        hash.update(format!(
            "{} {} {:?}",
            self.backbone.name(),
            self.frozen,
            self.preprocessing
        ));
        let is_frozen = |name: &str| {
            let stage = self.backbone.stage_of_parameter(name);
            stage.is_some_and(|stage| stage <= self.frozen)
        };
        self.store
            .read_bytes(is_frozen, |bytes| hash.update(bytes))?;
        Ok(format!(
            "{}-{}-{}",
            self.backbone.name(),
            self.frozen,
            &ContentHash(hash.finalize().into()).to_string()[..16]
        ))
    }
}

/// What the cache lacks of the examples, by key, in the examples' order, so that
/// neighbours on disk are read together.
fn missing(
    cache: &ActivationCache,
    examples: &[Example],
    keys: &[Keys],
) -> Vec<(String, LoadItem)> {
    let mut wanted: BTreeMap<String, LoadItem> = BTreeMap::new();
    for (index, keys) in keys.iter().enumerate() {
        let Ok((plain, mirror)) = keys else { continue };
        for (key, view) in [
            (Some(plain), View::Evaluate),
            (mirror.as_ref(), View::Mirrored),
        ] {
            if let Some(key) = key.filter(|key| !cache.contains(key)) {
                wanted.entry(key.clone()).or_insert_with(|| LoadItem {
                    index,
                    path: examples[index].path.clone(),
                    view,
                });
            }
        }
    }
    let mut wanted: Vec<(String, LoadItem)> = wanted.into_iter().collect();
    wanted.sort_by_key(|(_, item)| item.index);
    wanted
}

/// The cache keys of each example: the hash of its file's content, and the view.
fn keys(examples: &[Example], mirrored: &impl Fn(usize) -> bool) -> Vec<Keys> {
    let hashes: Vec<std::result::Result<String, String>> = examples
        .par_iter()
        .map(|example| match artkg_files::read_bytes(&example.path) {
            Ok(bytes) => Ok(content_hash(&bytes).to_string()),
            Err(error) => Err(error.to_string()),
        })
        .collect();
    hashes
        .into_iter()
        .enumerate()
        .map(|(index, hash)| {
            let hash = hash?;
            let mirror = mirrored(index).then(|| format!("{hash} mirrored"));
            Ok((format!("{hash} plain"), mirror))
        })
        .collect()
}
