//! Running images through the frozen part of a network, once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use artkg_feed::{Feed, ImageBatch};
use artkg_image::{LoadItem, Preprocessing, View, file_hash, may_hold_profile};
use artkg_nn::Precision;
use artkg_session::{Activity, Session};
use artkg_vision::{InferenceBackbone, Stage};
use rayon::prelude::*;

use crate::activation_cache::{ActivationCache, Storage};
use crate::error::Result;
use crate::examples::Example;
use crate::frozen_part::FrozenPart;

/// Images that go through the network together.
const BATCH_SIZE: usize = 16;

/// What is extracted, and how.
pub(crate) struct Extraction<'a> {
    /// The part whose activations these are.
    pub(crate) part: &'a FrozenPart,
    /// A network with this part.
    pub(crate) network: &'a InferenceBackbone,
    /// In what the network multiplies.
    pub(crate) precision: Precision,
    /// How images become inputs.
    pub(crate) preprocessing: &'a Preprocessing,
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
    /// examples are needed mirrored as well.
    ///
    /// # Errors
    /// When the cache cannot be written or the network fails; a bad image is
    /// no error.
    pub(crate) fn run(
        &self,
        folder: &Path,
        examples: &[Example],
        mirrored: impl Fn(usize) -> bool,
        session: &Session,
    ) -> Result<Extracted> {
        let storage = if self.part.stage == Stage::Pooled {
            Storage::Single
        } else {
            Storage::Half
        };
        let values = self.part.shape.iter().product();
        let mut cache = ActivationCache::open(&folder.join(self.name()), values, storage)?;

        let mut keys = keys(examples, &mirrored);
        let mut wanted = missing(&cache, examples, &keys);
        let is_cached = wanted.is_empty();
        if !is_cached {
            session.advance(Activity::Extraction, 0, wanted.len());
            if !cache.lock(session.stop())? {
                return Ok(Extracted {
                    cache,
                    keys,
                    interrupted: true,
                });
            }
            // Another process may have added them meanwhile.
            wanted = missing(&cache, examples, &keys);
        }
        let (names, mut items): (Vec<String>, Vec<LoadItem>) = wanted.into_iter().unzip();
        for (position, item) in items.iter_mut().enumerate() {
            item.index = position;
        }
        let feed = Feed {
            preprocessing: self.preprocessing.clone(),
            batch_size: BATCH_SIZE,
            memory_limit: None,
        };
        // By key, with the file that was read.
        let mut failures: BTreeMap<String, (PathBuf, String)> = BTreeMap::new();
        let paths: Vec<PathBuf> = items.iter().map(|item| item.path.clone()).collect();
        let mut take = |batch: ImageBatch| -> Result<()> {
            for (position, error) in batch.failures {
                let failure = (paths[position].clone(), error.to_string());
                failures.insert(names[position].clone(), failure);
            }
            let Some(images) = batch.images else {
                return Ok(());
            };
            let network = self.network;
            let activations = network.forward_stages(&images, Stage::Input, self.part.stage)?;
            let activations: Vec<f32> = activations.flatten_all()?.to_vec1()?;
            let rows = activations.chunks_exact(values);
            for (position, row) in batch.indices.iter().zip(rows) {
                cache.insert(&names[*position], row)?;
            }
            cache.flush()
        };
        let interrupted = match is_cached {
            true => false,
            false => feed.drive(Activity::Extraction, items, 0, session, &mut take)?,
        };
        cache.close()?;
        // By key, not by example: copies of one broken file share their fate.
        for (entry, example) in keys.iter_mut().zip(examples) {
            let Ok((plain, mirror)) = entry else { continue };
            let mirror_failure = || failures.get(mirror.as_ref()?);
            if let Some((path, message)) = failures.get(plain).or_else(mirror_failure) {
                *entry = Err(match *path == example.path {
                    true => message.clone(),
                    false => format!(
                        "{} is a copy of {}, which cannot be used",
                        example.path.display(),
                        path.display()
                    ),
                });
            }
        }
        Ok(Extracted {
            cache,
            keys,
            interrupted,
        })
    }

    /// The name of the folder: that of the part, and the precision where the values
    /// are not as exact as others'.
    fn name(&self) -> String {
        match self.precision {
            Precision::F32 => self.part.name.clone(),
            precision => format!("{}-{}", self.part.name, precision.name()),
        }
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
///
/// Files that may embed a colour profile have keys of another kind: earlier versions,
/// which did not apply profiles, left activations of other colours under the plain ones.
fn keys(examples: &[Example], mirrored: &impl Fn(usize) -> bool) -> Vec<Keys> {
    let hashes: Vec<std::result::Result<String, String>> = examples
        .par_iter()
        .map(|example| -> artkg_files::Result<String> {
            let hash = file_hash(&example.path)?;
            Ok(match may_hold_profile(&example.path)? {
                true => format!("{hash} profiled"),
                false => hash.to_string(),
            })
        })
        .map(|hash| hash.map_err(|error| error.to_string()))
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
